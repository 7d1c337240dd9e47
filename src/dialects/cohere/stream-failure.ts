import { GatewayError } from "../../model/gateway-error.ts";

/** The error for a generation that says it broke off, with what Cohere says of it. */
export function failureOfFinish(raw: string, said: string | undefined): GatewayError {
  const isTimeout = raw.toUpperCase() === "TIMEOUT";
  return new GatewayError("upstream_interrupted", {
    errorClass: isTimeout ? "timeout" : "server",
    message: said ?? `The provider broke off its answer with the finish reason ${JSON.stringify(raw)}.`,
  });
}
