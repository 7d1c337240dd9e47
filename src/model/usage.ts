import type { JsonObject } from "./json.ts";

/** The kinds of tools that vendors run and bill by the call. */
export const BILLED_TOOLS = ["webSearch", "fileSearch", "codeExecution", "socialSearch"] as const;

export type BilledTool = (typeof BILLED_TOOLS)[number];

/**
 * What one answer consumed, with one meaning whatever the vendor's own. All counts are whole tokens.
 * `inputTokens` always includes the cached, cache-write, audio, image and video parts; `outputTokens` always includes
 * reasoning, audio, image and video.
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
  /** Of them, those whose kind the vendor tells. */
  readonly billedTools?: { readonly [Tool in BilledTool]?: number };
  /** Of the input, what is both sound and cached, where the vendor tells; absent means that it doesn't. */
  readonly cachedInputAudioTokens?: number;
  /** Of the input, what is both image and cached, where the vendor tells; absent means that it doesn't. */
  readonly cachedInputImageTokens?: number;
  /** Absent means none. */
  readonly inputVideoTokens?: number;
  /** Absent means none. */
  readonly outputImageTokens?: number;
  /** Absent means none. */
  readonly outputVideoTokens?: number;
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
