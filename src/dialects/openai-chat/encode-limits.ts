import type { LimitState } from "../../model/limit-state.ts";

/** OpenAI's words for what a limit counts; it has none for input and output apart. */
const WORDS: { readonly [U in LimitState["unit"]]?: string } = { requests: "requests", tokens: "tokens" };

/**
 * How the caller's limits stand, in OpenAI's headers (https://platform.openai.com/docs/guides/rate-limits, "rate limits
 * in headers"): times as `6m0s`, `1s`, `120ms`.
 */
export function encodeLimits(states: readonly LimitState[]): { readonly [name: string]: string } {
  return Object.fromEntries(
    states.flatMap(({ unit, limit, remaining, resetMs }) => {
      const word = WORDS[unit];
      if (word === undefined) return [];
      return [
        [`x-ratelimit-limit-${word}`, String(limit)],
        [`x-ratelimit-remaining-${word}`, String(remaining)],
        [`x-ratelimit-reset-${word}`, durationText(resetMs)],
      ];
    }),
  );
}

function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds % 60}s`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
