/** OpenAI's legacy completions as this gateway writes them. https://platform.openai.com/docs/api-reference/completions */

import type { WireUsage } from "../openai-chat/wire.ts";

/** `finish_reason`. */
export type WireFinishReason = "stop" | "length" | "content_filter";

/** `choices[].logprobs`: lists that run beside one another, an entry a token. */
export interface WireLogProbabilities {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  readonly top_logprobs: readonly { readonly [token: string]: number }[];
  /** Where each token begins, from the beginning of the choice's text, in UTF-16 units. */
  readonly text_offset: readonly number[];
}

/** `choices[]`, of a whole answer and of a stream's events. */
export interface WireChoice {
  readonly text: string;
  readonly index: number;
  readonly logprobs: WireLogProbabilities | null;
  readonly finish_reason: WireFinishReason | null;
}

/** A whole answer. */
export interface WireCompletion {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly WireChoice[];
  readonly usage: WireUsage;
}
