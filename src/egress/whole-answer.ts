import type { SignersAnswer, SignersCall } from "../model/snapshot.ts";
import type { Egress } from "./egress.ts";
import { prepareEndpoint } from "./endpoint.ts";

/** How long an answer may be, and how long the whole of it may take. */
export interface AnswerBounds {
  readonly limitBytes: number;
  readonly timeoutMs: number;
}

/**
 * A small request of the gateway's own, and its whole answer. Rejects with an EgressFailure: `too-long`, `aborted` where
 * the time is over, or what else went wrong.
 */
export async function wholeAnswer(
  egress: Egress,
  { body, ...order }: SignersCall,
  { limitBytes, timeoutMs }: AnswerBounds,
): Promise<SignersAnswer> {
  const call = egress.send(prepareEndpoint(order), body);
  let giveUp = () => call.abort();
  const timer = setTimeout(() => giveUp(), timeoutMs);
  try {
    const answer = await call.answer;
    giveUp = () => answer.abort();
    return { status: answer.status, body: await answer.bytes(limitBytes) };
  } finally {
    clearTimeout(timer);
  }
}
