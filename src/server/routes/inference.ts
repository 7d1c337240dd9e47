import { handle } from "../../gateway/handle.ts";
import type { IncomingCall } from "../../gateway/incoming-call.ts";
import type { Parts } from "../../gateway/parts.ts";
import type { InboundFace } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import { asGatewayError } from "../../model/gateway-error.ts";
import { readBody } from "../guards/body.ts";
import type { RouteEntry, Visit } from "../route-table.ts";
import { toldByItsCall } from "../told-by-its-call.ts";

/** Where each dialect is spoken to us. Groq's SDK puts `/openai` before the path, whatever base URL it is given. */
const PATHS: readonly { readonly path: string; readonly dialect: DialectId }[] = [
  { path: "/generate", dialect: "generate" },
  { path: "/v1/chat/completions", dialect: "openai-chat" },
  { path: "/openai/v1/chat/completions", dialect: "openai-chat" },
];

/** The routes that reach a provider. */
export function inferenceRoutes(parts: Parts): RouteEntry[] {
  return PATHS.map(({ path, dialect }) => {
    const inbound = parts.dialects.get(dialect)?.inbound;
    if (inbound === undefined) throw new Error(`the dialect ${dialect} is not spoken inbound`);
    return {
      method: "POST",
      path,
      dialect,
      access: "virtual-key",
      handle: (visit, caller) => {
        return handle(incomingCall(visit, dialect, inbound), caller, parts).catch((thrown: unknown) => {
          const error = asGatewayError(thrown);
          toldByItsCall.add(error);
          throw error;
        });
      },
    };
  });
}

function incomingCall(visit: Visit, dialect: DialectId, inbound: InboundFace): IncomingCall {
  const { request } = visit;
  return {
    requestId: visit.requestId,
    receivedAtMs: visit.receivedAtMs,
    headers: request.headers,
    dialect,
    inbound,
    readBody: (limits) => readBody(request, limits),
    clientSignal: () => request.signal,
  };
}
