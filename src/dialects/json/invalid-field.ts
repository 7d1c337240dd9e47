import { GatewayError } from "../../model/gateway-error.ts";

/** The refusal of one field: `invalidField("messages[2].role", "a string")`. */
export function invalidField(path: string, expected: string): GatewayError {
  return new GatewayError("invalid_request", { message: `\`${path}\` must be ${expected}.`, field: path });
}
