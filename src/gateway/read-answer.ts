import type { Answer } from "../egress/answer.ts";
import { EgressFailure } from "../egress/failure.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { AttemptGuard } from "./attempt-guard.ts";

/**
 * Reads a whole answer of at most `limitBytes`. Gives a promise only where something of it has to be waited for, which
 * rejects with `upstream_invalid_answer` or `upstream_interrupted`.
 */
export function readAnswer(
  answer: Answer,
  limitBytes: number,
  guard: AttemptGuard,
): Uint8Array | Promise<Uint8Array> {
  return answer.bytesHere(limitBytes) ?? waitForAnswer(answer, limitBytes, guard);
}

async function waitForAnswer(answer: Answer, limitBytes: number, guard: AttemptGuard): Promise<Uint8Array> {
  guard.reading();
  try {
    return await answer.bytes(limitBytes, () => guard.reading());
  } catch (thrown) {
    if (guard.failure !== undefined) throw guard.failure;
    const isTooLong = thrown instanceof EgressFailure && thrown.fault === "too-long";
    throw isTooLong ? tooLong(limitBytes) : interrupted(guard.provider, thrown);
  } finally {
    guard.resting();
  }
}

/** The provider's connection broke while its answer was being read. */
export function interrupted(provider: string, cause: unknown): GatewayError {
  return new GatewayError("upstream_interrupted", {
    message: `${provider} broke off in the middle of its answer.`,
    errorClass: "network",
    cause,
  });
}

/** The answer is longer than one may be. */
export function tooLong(limitBytes: number): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    message: `The provider's answer is longer than ${limitBytes} bytes.`,
    mend: "Raise `limits.answer_bytes`.",
    errorClass: "invalid_answer",
  });
}
