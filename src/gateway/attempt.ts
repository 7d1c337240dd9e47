import { spliceModel } from "../dialects/json/splice-model.ts";
import type { Answer } from "../egress/answer.ts";
import type { RequestBody } from "../egress/request-writer.ts";
import type { AnswerFacts, Receipt, UpstreamFace } from "../model/dialect.ts";
import { asGatewayError, type GatewayError } from "../model/gateway-error.ts";
import { fold } from "../model/inference-response.ts";
import type { Target } from "../model/snapshot.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import type { LiveCall } from "./live-call.ts";
import { parseJsonBytes } from "./parse-answer.ts";
import { readAnswer } from "./read-answer.ts";
import { PassthroughRelay } from "./relay/passthrough.ts";
import { ProviderStream } from "./relay/provider-stream.ts";
import type { Relay } from "./relay/relay.ts";
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
  return attempt(call, target, async (answer, face) => {
    const bytes = await readAnswer(answer, call.snapshot.limits.answerBytes, call.guard);
    const parsed = parseJsonBytes(bytes, target.upstream.provider);
    call.noteFirstToken();
    call.content?.noteAnswer(bytes);
    const facts = face.scanResponse(parsed);
    const body = sameDialect(call, target) ? () => bytes : translated(call, face, parsed);
    const contentType = sameDialect(call, target) ? contentTypeOf(answer) : "application/json";
    return { target, status: answer.status, contentType, facts, answerBytes: bytes.byteLength, body };
  });
}

/** Calls a target for a stream, up to its first meaningful event. Fails as `attemptWhole` does. */
export function attemptStream(call: LiveCall, target: Target): Promise<StreamAnswer> {
  return attempt(call, target, async (answer, face) => {
    const relay = openRelay(call, target, face);
    const stream = await ProviderStream.open(answer, relay, call.guard);
    call.noteFirstToken();
    const contentType = sameDialect(call, target)
      ? contentTypeOf(answer)
      : "text/event-stream; charset=utf-8";
    return { stream, target, status: answer.status, contentType };
  });
}

/** Row first, then the call; whatever fails closes the row before it is thrown on. */
async function attempt<Result>(
  call: LiveCall,
  target: Target,
  receive: (answer: Answer, face: UpstreamFace) => Promise<Result>,
): Promise<Result> {
  const face = upstreamFace(call, target);
  const body = requestBody(call, target, face);
  const record = await call.beginAttempt(target);
  try {
    const answer = await send(target, call.request.operation, body, call.guard, call.parts.egress);
    record.upstreamStatus = answer.status;
    if (answer.status >= 400) throw await refused(answer, call, target, face);
    return await receive(answer, face);
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
  face: UpstreamFace,
): Promise<GatewayError> {
  const body = await readAnswer(answer, call.snapshot.limits.answerBytes, call.guard);
  return refusal(answer, body, target.upstream, face, sameDialect(call, target));
}

function upstreamFace(call: LiveCall, target: Target): UpstreamFace {
  const face = call.parts.dialects.get(target.upstream.dialect)?.upstream;
  if (face === undefined) throw new Error(`the dialect ${target.upstream.dialect} is not spoken upstream`);
  return face;
}

function sameDialect(call: LiveCall, target: Target): boolean {
  return call.incoming.dialect === target.upstream.dialect;
}

/** The client's own bytes where the dialect is the same, but for the model's name. */
function requestBody(call: LiveCall, target: Target, face: UpstreamFace): RequestBody {
  const { original } = call.request;
  if (original === undefined || !sameDialect(call, target)) {
    return face.encodeRequest(call.request, target.model, target.upstream.quirks);
  }
  return call.request.model === target.model ? original.bytes : spliceModel(original, target.model);
}

function openRelay(call: LiveCall, target: Target, face: UpstreamFace): Relay {
  if (sameDialect(call, target)) return new PassthroughRelay(face.openStreamScanner(), target.upstream);
  const encoder = call.incoming.inbound.openStreamEncoder(call.request);
  return new TranslateRelay(
    face.openStreamDecoder(),
    encoder,
    target.upstream,
    call.snapshot.limits.answerBytes,
  );
}

function translated(call: LiveCall, face: UpstreamFace, parsed: unknown): (receipt: Receipt) => string {
  const answer = fold(face.decodeResponse(parsed));
  if (answer.error !== undefined) throw answer.error;
  return (receipt) => call.incoming.inbound.encodeResponse(answer, receipt);
}

function contentTypeOf(answer: Answer): string {
  return answer.header("content-type") ?? "application/json";
}
