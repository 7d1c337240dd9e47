import { handleOnce } from "../../gateway/idempotency/handle-once.ts";
import type { IncomingCall } from "../../gateway/incoming-call.ts";
import type { Parts } from "../../gateway/parts.ts";
import type { InboundFace } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Operation } from "../../model/operation.ts";
import { readBody } from "../guards/body.ts";
import type { RouteEntry, Visit } from "../route-table.ts";
import { GOOGLE_MODEL_PATHS } from "./google-paths.ts";

/** A path by which clients reach an operation of a dialect. */
interface InferencePath {
  readonly path: string;
  readonly dialect: DialectId;
  /** `in-path` where the dialect reads it off the path's end. */
  readonly operation: Operation | "in-path";
}

/** Where each dialect is spoken to us. Groq's SDK puts `/openai` before the path, whatever base URL it is given. */
const PATHS: readonly InferencePath[] = [
  { path: "/generate", dialect: "generate", operation: "chat" },
  { path: "/v1/chat/completions", dialect: "openai-chat", operation: "chat" },
  { path: "/openai/v1/chat/completions", dialect: "openai-chat", operation: "chat" },
  { path: "/v1/rerank", dialect: "rerank", operation: "rerank" },
  // Cohere's SDK puts `/v2` before the path; what it sends and reads there has the same form.
  { path: "/v2/rerank", dialect: "rerank", operation: "rerank" },
  { path: "/v1/responses", dialect: "openai-responses", operation: "chat" },
  { path: "/openai/v1/responses", dialect: "openai-responses", operation: "chat" },
  { path: "/v1/responses/input_tokens", dialect: "openai-responses", operation: "count-tokens" },
  { path: "/openai/v1/responses/input_tokens", dialect: "openai-responses", operation: "count-tokens" },
  { path: "/v1/completions", dialect: "openai-completions", operation: "chat" },
  { path: "/openai/v1/completions", dialect: "openai-completions", operation: "chat" },
  { path: "/v1/embeddings", dialect: "openai-embeddings", operation: "embedding" },
  { path: "/openai/v1/embeddings", dialect: "openai-embeddings", operation: "embedding" },
  { path: "/v1/messages", dialect: "anthropic-messages", operation: "chat" },
  { path: "/v1/messages/count_tokens", dialect: "anthropic-messages", operation: "count-tokens" },
  ...GOOGLE_MODEL_PATHS.map((path) => ({ path, dialect: "gemini", operation: "in-path" }) as const),
];

/** The routes that reach a provider. */
export function inferenceRoutes(parts: Parts): RouteEntry[] {
  return PATHS.map((entry) => {
    const { path, dialect } = entry;
    const inbound = parts.dialects.get(dialect)?.inbound;
    if (inbound === undefined) throw new Error(`the dialect ${dialect} is not spoken inbound`);
    return {
      method: "POST",
      path,
      dialect,
      access: "virtual-key",
      handle: (visit, caller) => handleOnce(incomingCall(visit, entry, inbound), caller, parts),
    };
  });
}

function incomingCall(
  visit: Visit,
  { dialect, operation }: InferencePath,
  inbound: InboundFace,
): IncomingCall {
  const { request } = visit;
  const pathRest = visit.parameters.length === 0 ? "" : visit.parameters.join("/");
  return {
    requestId: visit.requestId,
    receivedAtMs: visit.receivedAtMs,
    headers: request.headers,
    dialect,
    inbound,
    operation: operation === "in-path" ? operationAt(inbound, pathRest) : operation,
    pathRest,
    query: () => queryOf(request.url),
    readBody: (limits) => readBody(request, limits),
    clientSignal: () => request.signal,
  };
}

function operationAt({ operationAt: read }: InboundFace, pathRest: string): Operation {
  if (read === undefined) throw new Error("the dialect reads no operation off a path");
  return read(pathRest);
}

function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark));
}
