import { SseFraming } from "../dialects/stream/sse-framing.ts";
import type { Answer } from "../egress/answer.ts";
import type { AnswerFacts, AnswerForm, Receipt } from "../model/dialect.ts";
import { asGatewayError, type GatewayError } from "../model/gateway-error.ts";
import type { AnswerOf, Operation } from "../model/operation.ts";
import type { Target } from "../model/snapshot.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import { type Junction, joinDialects } from "./junction.ts";
import type { LiveCall } from "./live-call.ts";
import { describeLosses, outgoing } from "./outgoing.ts";
import { parseJsonBytes } from "./parse-answer.ts";
import { readAnswer } from "./read-answer.ts";
import { PassthroughRelay } from "./relay/passthrough.ts";
import { ProviderStream } from "./relay/provider-stream.ts";
import { MAX_EVENT_BYTES, type Relay } from "./relay/relay.ts";
import { TranslateRelay } from "./relay/translate.ts";
import { send } from "./send.ts";
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
  readonly status: number;
  readonly contentType: string;
}

/** Calls a target for a whole answer. On failure the attempt's row is closed and a GatewayError thrown. */
export function attemptWhole(call: LiveCall, target: Target): Promise<WholeAnswer> {
  return attempt(call, target, async (received, { junction, form }) => {
    const bytes = await readAnswer(received, call.snapshot.limits.answerBytes, call.guard);
    const parsed = parseJsonBytes(bytes, target.upstream.provider);
    call.noteFirstToken();
    call.content?.noteAnswer(bytes);
    const { upstream, isPassthrough } = junction;
    const facts = upstream.scanResponse(parsed);
    const body = isPassthrough
      ? () => bytes
      : translated(call, junction, upstream.decodeResponse(parsed, form));
    const contentType = isPassthrough ? contentTypeOf(received) : "application/json";
    return { target, status: received.status, contentType, facts, answerBytes: bytes.byteLength, body };
  });
}

/** Calls a target for a stream, up to its first meaningful event. Fails as `attemptWhole` does. */
export function attemptStream(call: LiveCall, target: Target): Promise<StreamAnswer> {
  return attempt(call, target, async (answer, sent) => {
    const relay = openRelay(call, target, sent);
    const stream = await ProviderStream.open(answer, relay, call.guard, call.allowance);
    call.noteFirstToken();
    const contentType = sent.junction.isPassthrough
      ? contentTypeOf(answer)
      : "text/event-stream; charset=utf-8";
    return { stream, target, status: answer.status, contentType };
  });
}

/** How the request was put, which is how its answer must be read. */
interface Sent {
  readonly junction: Junction;
  readonly form: AnswerForm;
}

/** Row first, then the call; whatever fails closes the row before it is thrown on. */
async function attempt<Result>(
  call: LiveCall,
  target: Target,
  receive: (answer: Answer, sent: Sent) => Promise<Result>,
): Promise<Result> {
  const { incoming, request } = call;
  const junction = joinDialects(incoming, request, target, call.parts.dialects);
  const sent = outgoing(call, target, junction);
  const record = await call.beginAttempt(target);
  call.noteWarnings(describeLosses(sent.losses, incoming, target));
  try {
    const answer = await send(target.upstream, sent, call.guard, call.parts.egress);
    record.upstreamStatus = answer.status;
    if (answer.status >= 400) throw await refused(answer, call, target, junction);
    return await receive(answer, { junction, form: sent.form });
  } catch (thrown) {
    throw failed(call, record, thrown);
  }
}

function failed(call: LiveCall, record: AttemptRecord, thrown: unknown): GatewayError {
  const failure = call.guard.failure ?? asGatewayError(thrown);
  if (call.guard.failure === undefined) call.guard.abandonAttempt();
  call.parts.telemetry.log.debug(
    {
      request_id: record.opening.requestId,
      target: record.target.name,
      code: failure.code,
      error: failure.message,
    },
    "attempt failed",
  );
  call.endAttempt({ failure });
  return failure;
}

async function refused(
  answer: Answer,
  call: LiveCall,
  target: Target,
  { face, isPassthrough }: Junction,
): Promise<GatewayError> {
  const body = await readAnswer(answer, call.snapshot.limits.answerBytes, call.guard);
  return refusal(answer, body, target.upstream, face, isPassthrough);
}

function openRelay(call: LiveCall, target: Target, { junction, form }: Sent): Relay {
  const { upstream, inbound, face, isPassthrough } = junction;
  const scanner = upstream.openStreamScanner?.();
  if (isPassthrough && scanner !== undefined) return new PassthroughRelay(scanner, target.upstream);
  const decoder = upstream.openStreamDecoder?.(form);
  const encoder = inbound.openStreamEncoder?.(call.request);
  if (decoder === undefined || encoder === undefined)
    throw new Error(`the operation ${call.request.operation} has no streams`);
  const framing = face.openFraming?.() ?? new SseFraming(MAX_EVENT_BYTES);
  return new TranslateRelay(framing, decoder, encoder, target.upstream, call.snapshot.limits.answerBytes);
}

/** A chat answer may tell of a failure that its status hid. */
function translated(
  call: LiveCall,
  { inbound }: Junction,
  answer: AnswerOf<Operation>,
): (receipt: Receipt) => string {
  if ("error" in answer && answer.error !== undefined) throw answer.error;
  return (receipt) => inbound.encodeResponse(answer, call.request, receipt);
}

function contentTypeOf(answer: Answer): string {
  return answer.header("content-type") ?? "application/json";
}
