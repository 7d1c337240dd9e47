/** The simple contract of `POST /generate` (DESIGN.md, "Surfaces"; docs/reference). Ours, so strict in both directions. */

/** The members that a request may have. */
export const REQUEST_MEMBERS = [
  "prompt",
  "provider",
  "model",
  "system",
  "messages",
  "max_tokens",
  "temperature",
  "stream",
  "metadata",
] as const;

/** The members that one of `messages` may have. */
export const MESSAGE_MEMBERS = ["role", "content"] as const;

/** The roles that one of `messages` may have. */
export const ROLES = ["system", "user", "assistant"] as const;

/** `usage` of an answer. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  /** True where the provider reported nothing. */
  readonly estimated: boolean;
}

/** `error` of an envelope. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  readonly field?: string;
  readonly request_id: string;
}
