/**
 * What went wrong between us and a server:
 * - `unreachable`: no connection was made; nothing of the request went out.
 * - `untrusted`: its certificate did not hold; nothing of the request went out.
 * - `interrupted`: the connection broke; whether the request was executed is unknown.
 * - `invalid`: what it sent is no HTTP/1.1 answer.
 * - `too-long`: its body is longer than the reader allowed.
 * - `aborted`: this side gave the call up.
 */
export type EgressFault = "unreachable" | "untrusted" | "interrupted" | "invalid" | "too-long" | "aborted";

/** A call that failed below HTTP's own statuses. Whoever sent it says it in the words of its room. */
export class EgressFailure extends Error {
  override readonly name = "EgressFailure";
  readonly fault: EgressFault;
  /** The operating system's or the TLS library's code, or one of ours for what they have none for; may be empty. */
  readonly code: string;

  constructor(fault: EgressFault, code: string, message: string = code, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.code = code;
  }
}

/** The code that an error of the runtime carries, or an empty text. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
