import type { JsonObject } from "./json.ts";

/**
 * What one answer consumed, with one meaning whatever the vendor's own. All counts are whole tokens.
 * `inputTokens` always includes the cached, cache-write and audio parts; `outputTokens` always includes reasoning.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly inputAudioTokens: number;
  readonly inputImageTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly outputAudioTokens: number;
  /** Tool calls that the vendor bills for (web searches and the like). */
  readonly billedToolCalls: number;
  /** `reported` by the provider, or `estimated` here because the provider said nothing. */
  readonly source: "reported" | "estimated";
  /** The vendor's own usage object, kept for audit. */
  readonly raw?: JsonObject;
}

/** A usage of nothing, to spread and fill: `{ ...NO_USAGE, outputTokens: 3 }`. */
export const NO_USAGE: Usage = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  inputAudioTokens: 0,
  inputImageTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  outputAudioTokens: 0,
  billedToolCalls: 0,
  source: "estimated",
});
