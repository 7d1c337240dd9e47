import { PLAIN_FORM } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Upstream } from "../model/snapshot.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { refuseOperation } from "./admission/permitted-part.ts";
import { CallGuard } from "./call-guard.ts";
import { withForwardedQuery } from "./forwarded-query.ts";
import type { Reply } from "./incoming-call.ts";
import type { Parts } from "./parts.ts";
import { readAnswer } from "./read-answer.ts";
import { send } from "./send.ts";
import { storingUpstream } from "./stored-response.ts";
import { refusal } from "./upstream-failure.ts";

/** What is asked of the provider that stores a response. */
export interface StoredResponseQuestion {
  readonly requestId: string;
  readonly dialect: DialectId;
  readonly method: "GET" | "DELETE";
  /** The response's id. */
  readonly id: string;
  /** What stands behind the id in the path: nothing, or `/` and a name. */
  readonly rest: string;
  readonly query: URLSearchParams;
  /** Aborted when the client leaves. */
  clientSignal(): AbortSignal;
}

/** Nothing else of a client's query is sent on. */
const FORWARDED_QUERY: readonly string[] = ["include", "include[]", "after", "limit", "order"];
const NO_UNITS = { inputTokens: 0, outputTokens: 0 };

/**
 * Asks the provider that stores a response for it, or to delete it, with the credential that it was made with. Nothing
 * is generated and nothing costs, so it is no attempt; it takes a place and a request of the caller's limits all the same.
 * Throws `not_found` for what is not the project's or what the caller's policies keep from it, by the model that it was
 * made with, and `operation_not_allowed` where they allow no chat.
 */
export async function askForStoredResponse(
  question: StoredResponseQuestion,
  caller: KnownCaller,
  parts: Parts,
): Promise<Reply> {
  const upstream = upstreamFor(question, caller, parts);
  const admission = parts.admissions.admit(caller, NO_UNITS, Date.now());
  const guard = new CallGuard(parts.ticker, question);
  parts.upstreamCalls.begin(upstream.provider);
  try {
    return await ask(question, upstream, guard, parts);
  } finally {
    parts.upstreamCalls.end(upstream.provider);
    guard.end();
    admission.end();
  }
}

async function ask(
  { requestId, dialect, method, id, rest, query }: StoredResponseQuestion,
  upstream: Upstream,
  guard: CallGuard,
  parts: Parts,
): Promise<Reply> {
  const endpoint = upstream.endpoints.find((one) => one.dialect === dialect && one.operation === "chat");
  const face = parts.dialects.get(dialect)?.upstream;
  if (endpoint === undefined || face === undefined) throw notStored();
  const url = withForwardedQuery(addressOf(endpoint.url, id, rest), query, FORWARDED_QUERY);
  const outgoing = {
    url,
    method,
    headers: { accept: "application/json" },
    body: "",
    form: PLAIN_FORM,
    losses: [],
  };
  const attempt = guard.openAttempt(upstream, upstream.timeouts);
  const answer = await send(upstream, outgoing, attempt, parts.egress);
  const body = await readAnswer(answer, parts.snapshot().limits.answerBytes, attempt);
  const { provider } = upstream;
  const { status } = answer;
  parts.telemetry.log.info(
    { request_id: requestId, provider, method, stored_response: id, status },
    "stored response asked for",
  );
  if (status >= 400) throw refusal(answer, body, upstream, face, true);
  const contentType = answer.header("content-type") ?? "application/json";
  return { status, headers: { "content-type": contentType, "x-gatehouse-provider": provider }, body };
}

/** Browser tokens are each one user's, and a project's responses are not. */
function upstreamFor({ id, query }: StoredResponseQuestion, caller: KnownCaller, parts: Parts): Upstream {
  if (query.get("stream") === "true") throw notStreamed();
  refuseOperation(caller, "chat");
  const upstream = caller.token === undefined ? storingUpstream(parts, caller, id) : undefined;
  if (upstream === undefined) throw notStored();
  return upstream;
}

/** Where responses are made, some providers want a query: what is asked of one stands before it. */
function addressOf(endpointUrl: string, id: string, rest: string): string {
  const url = new URL(endpointUrl);
  url.pathname += `/${encodeURIComponent(id)}${rest}`;
  return url.href;
}

function notStored(): GatewayError {
  return new GatewayError("not_found", {
    message: "No response of that id is stored by a provider for this project.",
    mend: "Only what a call of this project was answered with, at a provider that stores responses (`store`), can be read back, for 30 days.",
  });
}

function notStreamed(): GatewayError {
  return new GatewayError("invalid_request", {
    message: "A stored response is not streamed: it is there as a whole.",
    mend: "Leave `stream` out.",
    field: "stream",
  });
}
