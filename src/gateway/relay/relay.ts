import type { AnswerFacts, Receipt } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { ContinuableAnswer } from "../continuation/hand-over.ts";

/** An event longer than this is no event: memory per stream is bounded. */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/**
 * How far an answer has come: nothing meaningful yet, begun, complete (the provider said so), or failed (the provider
 * said so, or what it sent is no stream).
 */
export type RelayState = "preamble" | "begun" | "complete" | "failed";

/** Carries one stream from a provider to a client. Knows bytes and events; nothing of connections or time. */
export interface Relay {
  readonly state: RelayState;
  /** Why, when `state` is `failed`. */
  readonly failure: GatewayError | undefined;
  /** Takes a read of the provider's, gives the bytes that the client gets for it, if any. */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** The provider closed the stream: decides between complete and failed, and gives what was still held back. */
  end(): Uint8Array | undefined;
  /** The last bytes for a client whose stream ended well. */
  closing(receipt: Receipt): Uint8Array | undefined;
  /** The last bytes for a client whose stream failed; undefined where they don't depend on what came before. */
  failing?(failure: GatewayError, requestId: string): Uint8Array | undefined;
  /** True where `push` has already given the client the provider's own words for the failure. */
  readonly failureWasRelayed: boolean;
  facts(): AnswerFacts;
  /** Tokens of output so far, rather too many than too few; free to ask. */
  outputTokensHigh(): number;
  /** The answer as far as it came, where another provider could go on with it; undefined where none could. Free to ask. */
  continuableAnswer(): ContinuableAnswer | undefined;
  /** Ends the stream here, as one that came to its bound on the output; gives the bytes that say so. */
  cutShort(): Uint8Array | undefined;
}
