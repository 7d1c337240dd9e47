import type { Answer } from "../egress/answer.ts";
import { type AnswerFacts, type AnswerForm, PLAIN_FORM, type Receipt } from "../model/dialect.ts";
import { asGatewayError, type GatewayError } from "../model/gateway-error.ts";
import type { RouteSettings } from "../model/route-settings.ts";
import type { Target } from "../model/snapshot.ts";
import type { Choice } from "../routing/plan.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import { AnswerSoFar } from "./continuation/answer-so-far.ts";
import { isContinuable } from "./continuation/continuable-request.ts";
import { type ContinuedCall, openContinuedRelay } from "./continuation/continued-call.ts";
import { PassingAnswer } from "./continuation/passing-answer.ts";
import { decodeWhole } from "./decode-whole.ts";
import { enter } from "./enter.ts";
import { type Junction, joinDialects } from "./junction.ts";
import type { LiveCall } from "./live-call.ts";
import { describeLosses, outgoing } from "./outgoing.ts";
import { parseJsonBytes } from "./parse-answer.ts";
import { readAnswer } from "./read-answer.ts";
import { openTranslateRelay } from "./relay/open-translate-relay.ts";
import { PassthroughRelay } from "./relay/passthrough.ts";
import { ProviderStream } from "./relay/provider-stream.ts";
import type { Relay } from "./relay/relay.ts";
import { send } from "./send.ts";
import { timeoutsOf } from "./timeouts-of.ts";
import { refusal } from "./upstream-failure.ts";

/** A whole answer, ready for the client. `body` is made once the receipt is known. */
export interface WholeAnswer {
  readonly target: Target;
  readonly status: number;
  readonly contentType: string;
  readonly facts: AnswerFacts;
  readonly answerBytes: number;
  /** True where this gateway worked it out and no provider was asked. */
  readonly isEstimated?: boolean;
  body(receipt: Receipt): string | Uint8Array;
}

/** A stream whose first meaningful event is here. */
export interface StreamAnswer {
  readonly stream: ProviderStream;
  readonly target: Target;
  readonly choice: Choice;
  readonly record: AttemptRecord;
  readonly status: number;
  readonly contentType: string;
}

/** Calls a target for a whole answer. On failure the attempt's row is closed and a GatewayError thrown. */
export function attemptWhole(call: LiveCall, choice: Choice, settings: RouteSettings): Promise<WholeAnswer> {
  return attempt(call, choice, settings, (received, sent) => {
    const bytes = readAnswer(received, call.snapshot.limits.answerBytes, sent.record.guard);
    if (bytes instanceof Promise) return bytes.then((late) => wholeAnswer(call, received, sent, late));
    return wholeAnswer(call, received, sent, bytes);
  });
}

function wholeAnswer(call: LiveCall, received: Answer, sent: Sent, bytes: Uint8Array): WholeAnswer {
  const { junction, form, record, warnings } = sent;
  const { target } = record;
  const parsed = parseJsonBytes(bytes, target.upstream.provider);
  record.noteFirstToken();
  const { inbound, upstream, isPassthrough } = junction;
  const facts = upstream.scanResponse(parsed);
  const decoded = isPassthrough ? undefined : decodeWhole(junction, parsed, form);
  const body = (receipt: Receipt) =>
    decoded === undefined ? bytes : inbound.encodeResponse(decoded, call.request, receipt);
  const contentType = isPassthrough ? contentTypeOf(received) : "application/json";
  call.claim(record);
  // Beside a hedge it was not the last whose warnings were noted.
  call.noteWarnings(record, warnings);
  call.content?.noteAnswer(bytes);
  return { target, status: received.status, contentType, facts, answerBytes: bytes.byteLength, body };
}

/**
 * Calls a target for a stream, up to its first meaningful event: from its beginning, or to go on with what another broke
 * off. Fails as `attemptWhole` does.
 */
export function attemptStream(
  call: LiveCall,
  choice: Choice,
  settings: RouteSettings,
  continued?: ContinuedCall,
): Promise<StreamAnswer> {
  const { target } = choice;
  const receive = async (answer: Answer, sent: Sent): Promise<StreamAnswer> => {
    const relay =
      continued === undefined
        ? openRelay(call, target, sent, settings)
        : openContinuedRelay(call, continued, sent.junction, sent.form);
    const stream = await ProviderStream.open(answer, relay, sent.record.guard, call.allowance);
    sent.record.noteFirstToken();
    call.claim(sent.record);
    if (continued === undefined) call.noteWarnings(sent.record, sent.warnings);
    else call.addWarnings(sent.warnings);
    // What is said from now on is in time.
    call.guard.metDeadline();
    const contentType = sent.junction.isPassthrough
      ? contentTypeOf(answer)
      : "text/event-stream; charset=utf-8";
    return { stream, target, choice, record: sent.record, status: answer.status, contentType };
  };
  return attempt(call, choice, settings, receive, continued);
}

/** How the request was put, which is how its answer must be read. */
interface Sent {
  readonly record: AttemptRecord;
  readonly junction: Junction;
  readonly form: AnswerForm;
  /** What of it was left out or changed. */
  readonly warnings: readonly string[];
}

/** Row first, then the call; whatever fails closes the row before it is thrown on. */
async function attempt<Result>(
  call: LiveCall,
  choice: Choice,
  settings: RouteSettings,
  receive: (answer: Answer, sent: Sent) => Result | Promise<Result>,
  continued?: ContinuedCall,
): Promise<Result> {
  const { incoming, parts } = call;
  const target = continued?.target ?? choice.target;
  const asked = continued ?? call;
  const junction = joinDialects(incoming, asked.request, target, parts.dialects);
  const sent = outgoing(asked, target, junction);
  const entered = enter(call, choice);
  const ticket = entered instanceof Promise ? await entered : entered;
  const timeouts = timeoutsOf(choice.target.upstream, settings);
  const record = await call.beginAttempt({ target: choice.target, ticket, timeouts }, continued?.request);
  const warnings = describeLosses(sent.losses, incoming, target);
  // Of those that were to go on with an answer, some are no part of it: only one that has begun is.
  if (continued === undefined) call.noteWarnings(record, warnings);
  try {
    const answer = await send(target.upstream, sent, record.guard, parts.egress);
    record.noteHead(answer, parts.routing.clock());
    if (answer.status >= 400) throw await refused(answer, call, record, junction);
    return await receive(answer, { junction, form: sent.form, record, warnings });
  } catch (thrown) {
    throw failed(call, record, thrown);
  }
}

function failed(call: LiveCall, record: AttemptRecord, thrown: unknown): GatewayError {
  const failure = record.guard.failure ?? asGatewayError(thrown);
  record.guard.abandon(failure);
  call.parts.telemetry.log.debug(
    {
      request_id: record.opening.requestId,
      target: record.target.name,
      code: failure.code,
      error: failure.message,
    },
    "attempt failed",
  );
  call.endAttempt(record, { failure });
  return failure;
}

async function refused(
  answer: Answer,
  call: LiveCall,
  { guard, target }: AttemptRecord,
  { face, isPassthrough }: Junction,
): Promise<GatewayError> {
  const body = await readAnswer(answer, call.snapshot.limits.answerBytes, guard);
  return refusal(answer, body, target.upstream, face, isPassthrough);
}

function openRelay(
  call: LiveCall,
  target: Target,
  { junction, form }: Sent,
  { retries }: RouteSettings,
): Relay {
  const { upstream, inbound, isPassthrough } = junction;
  const mayBreakOff = retries.continueStreams && isContinuable(call.request);
  const scanner = upstream.openStreamScanner?.();
  if (isPassthrough && scanner !== undefined) {
    const passing = mayBreakOff ? passingAnswer(call, junction) : undefined;
    return new PassthroughRelay(scanner, target.upstream, passing);
  }
  const encoder = inbound.openStreamEncoder?.(call.request);
  const handOver = mayBreakOff && encoder !== undefined ? { soFar: new AnswerSoFar(), encoder } : undefined;
  const limitBytes = call.snapshot.limits.answerBytes;
  return openTranslateRelay({ junction, form, upstream: target.upstream, encoder, limitBytes, handOver });
}

function passingAnswer(call: LiveCall, { upstream, inbound }: Junction): PassingAnswer | undefined {
  const decoder = upstream.openStreamDecoder?.(PLAIN_FORM);
  const open = inbound.openStreamEncoder;
  if (decoder === undefined || open === undefined || inbound.isResumable !== true) return undefined;
  return new PassingAnswer(decoder, () => open(call.request));
}

function contentTypeOf(answer: Answer): string {
  return answer.header("content-type") ?? "application/json";
}
