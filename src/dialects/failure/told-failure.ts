import type { DecodedError } from "../../model/dialect.ts";
import { CODE_OF_CLASS } from "../../model/error-class.ts";
import { GatewayError } from "../../model/gateway-error.ts";

/** The error that a provider tells inside an answer which began with 200. */
export function toldFailure({ errorClass, message, retryAfterMs }: DecodedError): GatewayError {
  // A refused key is quoted back by some providers, and it is the gateway's own.
  const isSafe = message !== undefined && errorClass !== "auth";
  return new GatewayError(CODE_OF_CLASS[errorClass], {
    errorClass,
    ...(isSafe && { message }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
