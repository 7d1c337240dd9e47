import { GatewayError } from "../model/gateway-error.ts";
import type { RoutingRecord } from "../model/routing-record.ts";

/** None of a route's targets may be used for the request: says of each why. */
export function noTarget(alias: string, record: RoutingRecord | undefined): GatewayError {
  const reasons = (record?.passedOver ?? []).map(({ target, because }) => `${target}: ${because}`);
  return new GatewayError("no_target", {
    message: `No target of "${alias}" may be used for this request: ${reasons.join("; ")}.`,
    field: "model",
  });
}
