import type { Vendor } from "./vendor.ts";

/**
 * A vendor's proof that reasoning (or a call, or a text) is its own model's work: opaque, and to be sent back unchanged
 * with the next turn, or the vendor refuses the turn or forgets what it thought.
 */
export interface Signature {
  /** Whose proof it is; only that vendor's models accept it back. */
  readonly vendor: Vendor;
  /** Anthropic's `signature` or redacted `data`, Google's `thoughtSignature`, OpenAI's `encrypted_content`. */
  readonly value: string;
  /** True where the vendor shows nothing of the reasoning, and `value` is all there is of it. */
  readonly redacted?: boolean;
  /** The vendor's own name of the item, where it has one (OpenAI's `rs_...`). */
  readonly id?: string;
}
