import { GatewayError } from "../model/gateway-error.ts";
import type { CallGuard } from "./call-guard.ts";

/** Up to this declared size an answer is read in one go, which is cheaper than by parts. */
const READ_AT_ONCE_BYTES = 1024 * 1024;

/** Reads a whole answer of at most `limitBytes`. Throws `upstream_invalid_answer` or `upstream_interrupted`. */
export async function readAnswer(
  response: Response,
  limitBytes: number,
  guard: CallGuard,
): Promise<Uint8Array> {
  const declared = Number(response.headers.get("content-length") ?? Number.NaN);
  guard.reading();
  try {
    if (declared <= Math.min(READ_AT_ONCE_BYTES, limitBytes)) return await response.bytes();
    return await readByParts(response, limitBytes, guard);
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    throw guard.failure ?? interrupted(guard.provider, thrown);
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

async function readByParts(response: Response, limitBytes: number, guard: CallGuard): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    guard.reading();
    length += part.byteLength;
    if (length > limitBytes) {
      guard.abandonAttempt();
      throw tooLong(limitBytes);
    }
    parts.push(part);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
