import type { Percentiles } from "./percentiles.ts";

/**
 * What calls can be grouped by, beside their tags. `target` is the provider and its model; `day` and `hour` are UTC's,
 * in which a call began.
 */
export const USAGE_GROUPINGS = [
  "project",
  "key",
  "end_user",
  "provider",
  "target",
  "model",
  "operation",
  "outcome",
  "error",
  "day",
  "hour",
] as const;

/** One of them, or `tag:NAME` for the value of a tag of that name. */
export type UsageGrouping = (typeof USAGE_GROUPINGS)[number] | `tag:${string}`;

/** Whether a text names a grouping. */
export function isUsageGrouping(text: string): text is UsageGrouping {
  return USAGE_GROUPINGS.some((known) => known === text) || /^tag:./.test(text);
}

/** What calls can be picked by; all hold at once. */
export interface UsageFilters {
  readonly project?: string;
  /** A key's id. */
  readonly key?: string;
  readonly endUser?: string;
  readonly provider?: string;
  /** The provider's own name of it. */
  readonly model?: string;
  readonly operation?: string;
  readonly outcome?: string;
  /** The class of a failure, or its code where it has no class. */
  readonly error?: string;
  readonly tag?: { readonly name: string; readonly value: string };
}

/** Which calls to count and how to group them. No groupings at all give one line. */
export interface UsageQuery extends UsageFilters {
  readonly by: readonly UsageGrouping[];
  /**
   * Calls that began at this moment or later, in milliseconds since 1970, and before that other one. Usage is kept by
   * the hour, by end user by the day: the hours, or days, in which these moments lie are counted whole.
   */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly order: UsageOrder;
  /** So many lines at most, those behind a place of the order; absent means all. */
  readonly page?: { readonly limit: number; readonly after?: UsagePlace };
}

/** Where a line stands in an order. */
export interface UsagePlace {
  /** In nano-dollars, as a text. */
  readonly cost: string;
  readonly calls: number;
  readonly group: readonly string[];
}

/** Dearest first, or by the values of the groupings, rising. */
export type UsageOrder = "cost" | "group";

/** What a group of ended upstream calls came to. */
export interface UsageLine {
  /** The group's value of each grouping asked for, in that order; empty where a call has none. */
  readonly group: readonly string[];
  /** The name of the key that it is grouped by; absent where it is by none, or the key is gone. */
  readonly keyName?: string;
  readonly calls: number;
  /** Calls that failed or were interrupted. */
  readonly errors: number;
  /** Of them and of refused requests, how many of each class; of its code where one has no class. */
  readonly errorsByClass: { readonly [errorClass: string]: number };
  /** Requests that ended before any call: refused, or given up by their client. */
  readonly refused: number;
  readonly tokens: { readonly [Kind in TokenKind]: number };
  /** Tool calls that the provider bills for. */
  readonly billedToolCalls: number;
  /** In nano-dollars, exact. */
  readonly cost: bigint;
  /** The cost with the projects' markups. */
  readonly billed: bigint;
  /** What cached input would have cost more. */
  readonly cacheSavings: bigint;
  /** Calls that have no price, hence add nothing to `cost`. */
  readonly unpriced: number;
  /** Calls whose tokens are an estimate. */
  readonly estimated: number;
  /** Over the calls that went well; undefined where none put out a token. */
  readonly outputTokensPerSecond: number | undefined;
  /** In milliseconds, over the calls that went well, to one percent. */
  readonly totalMs: Percentiles;
  readonly firstTokenMs: Percentiles;
}

/** Input includes its parts, cached and written and so on; output includes its own. */
export const TOKEN_KINDS = [
  "inputTokens",
  "cachedInputTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "inputAudioTokens",
  "inputImageTokens",
  "inputVideoTokens",
  "outputTokens",
  "reasoningTokens",
  "outputAudioTokens",
  "outputImageTokens",
  "outputVideoTokens",
] as const;

export type TokenKind = (typeof TOKEN_KINDS)[number];

/** The field of each kind of token, in answers and exports. */
export const TOKEN_FIELDS = {
  inputTokens: "input_tokens",
  cachedInputTokens: "cached_input_tokens",
  cacheWrite5mTokens: "cache_write_5m_tokens",
  cacheWrite1hTokens: "cache_write_1h_tokens",
  inputAudioTokens: "input_audio_tokens",
  inputImageTokens: "input_image_tokens",
  inputVideoTokens: "input_video_tokens",
  outputTokens: "output_tokens",
  reasoningTokens: "reasoning_tokens",
  outputAudioTokens: "output_audio_tokens",
  outputImageTokens: "output_image_tokens",
  outputVideoTokens: "output_video_tokens",
} as const satisfies { readonly [Kind in TokenKind]: string };

/** What was counted, and of when. */
export interface UsageReport {
  readonly lines: readonly UsageLine[];
  /** All of them together; undefined where there was nothing. */
  readonly total: UsageLine | undefined;
  /** Where the next page begins; undefined behind the last line. */
  readonly next: UsagePlace | undefined;
  /** Whole hours or days; undefined where nothing bounds them. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}
