import { asGatewayError, GatewayError } from "../../model/gateway-error.ts";
import type { KeptAnswers } from "../../policy/idempotency/kept-answers.ts";
import type { KnownCaller } from "../../policy/identity/key-directory.ts";
import { NOBODY } from "../call-guard.ts";
import { handle } from "../handle.ts";
import type { IncomingCall, Reply } from "../incoming-call.ts";
import type { Parts } from "../parts.ts";
import { AnswerKeeper } from "./answer-keeper.ts";
import { replay } from "./replay.ts";

const HEADER = "idempotency-key";
const KEY = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

/**
 * The life of a request that may carry an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the first is
 * carried out, and its answer kept; the same again is given that answer. Without the header it is `handle`.
 */
export function handleOnce(incoming: IncomingCall, caller: KnownCaller, parts: Parts): Promise<Reply> {
  const key = incoming.headers.get(HEADER);
  const { answers } = parts;
  if (key === null || answers === undefined) return handle(incoming, caller, parts);
  return once({ key, incoming, caller, parts, answers });
}

interface OnceCall {
  readonly key: string;
  readonly incoming: IncomingCall;
  readonly caller: KnownCaller;
  readonly parts: Parts;
  readonly answers: KeptAnswers;
}

async function once(order: OnceCall): Promise<Reply> {
  const { incoming, caller, parts, answers } = order;
  let prepared: Prepared;
  try {
    prepared = await prepare(order);
  } catch (refusal) {
    return refuse(refusal, order);
  }
  const { bytes, claim } = prepared;
  if (claim.kind === "answered") return replay(claim.answer, { incoming, caller, parts, bytes });
  const keeper = new AnswerKeeper(answers, claim.id, incoming.requestId, (error) =>
    parts.telemetry.log.error({ cause: String(error) }, "answers can't be kept"),
  );
  // Its client may leave: a call that is made once is finished for whoever asks again.
  const call = { ...incoming, ...NOBODY, keeper, readBody: async () => bytes };
  try {
    const reply = await handle(call, caller, parts);
    keeper.answered(reply);
    return reply;
  } catch (thrown) {
    const failure = asGatewayError(thrown);
    keeper.failed(failure);
    throw failure;
  }
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

async function prepare({ key, incoming, caller, parts, answers }: OnceCall) {
  if (!KEY.test(key)) throw invalidKey();
  const { requestId, dialect, operation, pathRest } = incoming;
  const bytes = await incoming.readBody(parts.snapshot().limits);
  const request = [dialect, operation, pathRest, incoming.query().toString(), bytes];
  const claim = answers.claim({ caller, idempotencyKey: key, requestId, request }, Date.now());
  return { bytes, claim };
}

function invalidKey(): GatewayError {
  return new GatewayError("invalid_request", {
    message: "The Idempotency-Key is not 1 to 255 characters of plain ASCII.",
    mend: "Send a UUID, a new one for each call that is another.",
    field: "Idempotency-Key",
  });
}

/** Settled and told as any other call that is refused before it is read. */
function refuse(refusal: unknown, { incoming, caller, parts }: OnceCall): Promise<Reply> {
  return handle({ ...incoming, readBody: () => Promise.reject(refusal) }, caller, parts);
}
