import type { LimitState } from "../../model/limit-state.ts";

/**
 * How the caller's limits stand, in Anthropic's headers (https://platform.claude.com/docs/en/api/rate-limits, "response
 * headers"): when each is whole again is a moment, in RFC 3339.
 */
export function encodeLimits(
  states: readonly LimitState[],
  nowMs: number,
): { readonly [name: string]: string } {
  return Object.fromEntries(
    states.flatMap(({ unit, limit, remaining, resetMs }) => [
      [`anthropic-ratelimit-${unit}-limit`, String(limit)],
      [`anthropic-ratelimit-${unit}-remaining`, String(remaining)],
      [`anthropic-ratelimit-${unit}-reset`, new Date(nowMs + resetMs).toISOString()],
    ]),
  );
}
