import type { InboundOperation } from "../model/dialect.ts";
import { asGatewayError, GatewayError } from "../model/gateway-error.ts";
import { formatDollars } from "../model/money.ts";
import type { Operation } from "../model/operation.ts";
import type { Target } from "../model/snapshot.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { resolve } from "../routing/resolve.ts";
import { admit } from "./admit.ts";
import { attemptStream, attemptWhole, type StreamAnswer } from "./attempt.ts";
import { countTokens, isCount, receiptWithoutAttempt } from "./count-tokens.ts";
import { waitUntilDeadline } from "./deadline.ts";
import { firstAnswer } from "./first-answer.ts";
import type { IncomingCall, Reply } from "./incoming-call.ts";
import { limitHeaders } from "./limit-headers.ts";
import { LiveCall } from "./live-call.ts";
import type { Parts } from "./parts.ts";
import { armOf, planRoute } from "./plan-route.ts";
import type { PlannedRoute } from "./planned-route.ts";
import { ClientStream } from "./relay/client-stream.ts";
import { streamOwner } from "./settle.ts";
import { launchShadow } from "./shadow/launch-shadow.ts";
import { within } from "./within.ts";

/**
 * The life of one request whose caller is known: reading, admission, plan, attempts, relay, settlement. Throws a
 * GatewayError, which the server encodes in the client's dialect.
 */
export async function handle(incoming: IncomingCall, caller: KnownCaller, parts: Parts): Promise<Reply> {
  const call = new LiveCall(incoming, caller, parts.snapshot(), parts);
  try {
    waitUntilDeadline(call.guard, incoming.headers);
    const bytes = await incoming.readBody(call.snapshot.limits);
    call.content?.noteRequest(bytes);
    call.recorder?.noteRequest(bytes, incoming.headers.get("content-type") ?? "");
    const { pathRest } = incoming;
    call.read(operationOf(incoming).decodeRequest({ bytes, pathRest, query: () => incoming.query() }));
    const route = armOf(call, resolve(call.snapshot, call.request.model, call.request.operation));
    call.takeRoute(route);
    const admitted = admit(call, route);
    const permitted = admitted instanceof Promise ? await admitted : admitted;
    const planned = planRoute(call, route, permitted.targets);
    if (route.shadow !== undefined) launchShadow(call, route.shadow);
    return call.request.stream ? await streamed(call, planned) : await whole(call, planned);
  } catch (thrown) {
    const failure = asGatewayError(thrown);
    call.settle(failure.status, { failure });
    recordFailure(call, failure);
    failure.replyHeaders ??= limitHeaders(incoming, caller, parts);
    throw failure;
  }
}

function operationOf({ inbound, operation, dialect }: IncomingCall): InboundOperation<Operation> {
  const found = inbound.operations[operation];
  if (found === undefined) throw new Error(`${dialect} has no operation ${operation}`);
  return found;
}

async function whole(call: LiveCall, route: PlannedRoute): Promise<Reply> {
  const { request } = call;
  const { settings } = route;
  const answer = await firstAnswer(call, route, (choice) =>
    isCount(request) ? countTokens(call, request, choice, settings) : attemptWhole(call, choice, settings),
  );
  const { facts, answerBytes, status, contentType, isEstimated } = answer;
  const settled = call.settle(status, { facts, answerBytes });
  const receipt = isEstimated === true ? receiptWithoutAttempt(call, answer.target) : settled;
  if (receipt === undefined) throw call.guard.failure ?? new GatewayError("internal");
  const headers = replyHeaders(call, answer.target, contentType);
  if (receipt.cost !== undefined) headers["x-gatehouse-cost-usd"] = formatDollars(receipt.cost);
  if (isEstimated === true) headers["x-gatehouse-estimated"] = "true";
  return { status, headers, body: recorded(call, answer.body(receipt), contentType) };
}

const encoder = new TextEncoder();

/** Notes a whole answer as the client is given it. */
function recorded<Body extends string | Uint8Array>(call: LiveCall, body: Body, contentType: string): Body {
  const { recorder } = call;
  if (recorder === undefined) return body;
  recorder.noteAnswer(typeof body === "string" ? encoder.encode(body) : body);
  recorder.finish(contentType);
  return body;
}

/** Of a call that failed before its answer, what the provider said is what is worth reading. */
function recordFailure({ recorder }: LiveCall, { upstream }: GatewayError): void {
  if (upstream !== undefined) recorder?.noteAnswer(upstream.body);
  recorder?.finish(upstream?.contentType ?? "");
}

/**
 * A stream is answered once its first meaningful event is here. A provider that thinks for longer than the client
 * should wait in silence is waited for with comments; from then on a failure can only be told in the stream.
 */
async function streamed(call: LiveCall, route: PlannedRoute): Promise<Reply> {
  const { keepAliveMs } = call.snapshot.stream;
  const begun = firstAnswer(call, route, (choice) => attemptStream(call, choice, route.settings));
  const answer = keepAliveMs === 0 ? await begun : await within(begun, keepAliveMs, call.guard);
  const stream = answer?.stream ?? begun.then((later) => later.stream);
  const { incoming } = call;
  const framing = operationOf(incoming).openClientFraming?.(incoming.query());
  const owner = streamOwner(call, route, answer ?? begun, framing);
  const client = new ClientStream(stream, owner, keepAliveMs);
  const body = incoming.keeper?.follow(client) ?? client.body;
  const framed = framing && { "content-type": framing.contentType };
  if (answer === undefined) {
    call.guard.headSent();
    return { status: 200, headers: { ...THINKING_HEADERS, ...call.explanationHeader, ...framed }, body };
  }
  return { status: answer.status, headers: { ...streamHeaders(call, answer), ...framed }, body };
}

const STREAM_HEADERS = { "cache-control": "no-store", "x-accel-buffering": "no" } as const;
const THINKING_HEADERS = { ...STREAM_HEADERS, "content-type": "text/event-stream; charset=utf-8" } as const;

function streamHeaders(call: LiveCall, answer: StreamAnswer): Reply["headers"] {
  return { ...STREAM_HEADERS, ...replyHeaders(call, answer.target, answer.contentType) };
}

function replyHeaders(call: LiveCall, target: Target, contentType: string): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-gatehouse-target": headerValue(target.name),
    "x-gatehouse-attempts": String(call.attempts),
  };
  addAll(headers, limitHeaders(call.incoming, call.caller, call.parts));
  addAll(headers, call.explanationHeader);
  if (call.warnings.length > 0) headers["x-gatehouse-warnings"] = warningsHeader(call.warnings);
  return headers;
}

/** Mostly there are none, and a spread of nothing costs as much as one of something. */
function addAll(headers: Record<string, string>, more: Reply["headers"]): void {
  for (const name in more) headers[name] = more[name] ?? "";
}

/** A header must stay small; the request's record has them all. */
const MAX_WARNINGS_CHARACTERS = 2_000;

function warningsHeader(warnings: readonly string[]): string {
  return headerValue(warnings.join("; ").slice(0, MAX_WARNINGS_CHARACTERS));
}

/**
 * Clients name models: what a header can't carry (RFC 9110, 5.5) is percent-encoded. Thrown at by the server, a call
 * that has been made would lose its answer, and a stream its only reader.
 */
function headerValue(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text.toWellFormed());
}
