import { untilResetMs } from "./reset-time.ts";

/** What a provider's limit counts. */
export type LimitedBy = "requests" | "tokens" | "input-tokens" | "output-tokens";

/** How one limit of a credential stood when the provider answered. */
export interface LimitReading {
  readonly unit: LimitedBy;
  readonly remaining: number;
  /** Absent where the provider doesn't tell. */
  readonly limit: number | undefined;
  /** Until all of it is there again, in milliseconds. Absent where the provider doesn't tell. */
  readonly resetMs: number | undefined;
}

interface HeaderNames {
  readonly unit: LimitedBy;
  readonly remaining: string;
  readonly limit: string;
  readonly reset: string;
}

const named = (unit: LimitedBy, form: (part: string) => string): HeaderNames => ({
  unit,
  remaining: form("remaining"),
  limit: form("limit"),
  reset: form("reset"),
});

/**
 * The forms that there are, by the header that tells a form apart:
 * - OpenAI (https://platform.openai.com/docs/guides/rate-limits), Groq (https://console.groq.com/docs/rate-limits),
 *   xAI, Fireworks and Azure OpenAI, which leaves out the resets;
 * - Anthropic (https://docs.anthropic.com/en/api/rate-limits#response-headers);
 * - Cerebras (https://inference-docs.cerebras.ai/support/rate-limits);
 * - Together, OpenRouter and others: one limit, of requests; and the IETF's draft
 *   (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
 * Google tells its limits only when one is used up, in the body.
 */
const FORMS: readonly (readonly HeaderNames[])[] = [
  [
    named("requests", (part) => `x-ratelimit-${part}-requests`),
    named("tokens", (part) => `x-ratelimit-${part}-tokens`),
  ],
  [
    named("requests", (part) => `anthropic-ratelimit-requests-${part}`),
    named("tokens", (part) => `anthropic-ratelimit-tokens-${part}`),
    named("input-tokens", (part) => `anthropic-ratelimit-input-tokens-${part}`),
    named("output-tokens", (part) => `anthropic-ratelimit-output-tokens-${part}`),
  ],
  [
    named("requests", (part) => `x-ratelimit-${part}-requests-day`),
    named("tokens", (part) => `x-ratelimit-${part}-tokens-minute`),
  ],
  [named("requests", (part) => `x-ratelimit-${part}`)],
  [named("requests", (part) => `ratelimit-${part}`)],
];

const NONE: readonly LimitReading[] = [];

/** The headers of an answer. */
export interface AnswerHeaders {
  /** The value of a header by its lower-case name. */
  header(name: string): string | undefined;
}

/** What an answer's headers say of the credential's limits; none where they say nothing. */
export function readRateLimits(head: AnswerHeaders, nowMs: number): readonly LimitReading[] {
  for (const form of FORMS) {
    let readings: LimitReading[] | undefined;
    for (const names of form) {
      const found = reading(names, head, nowMs);
      if (found !== undefined) readings = [...(readings ?? []), found];
    }
    if (readings !== undefined) return readings;
  }
  return NONE;
}

function reading(
  { unit, remaining, limit, reset }: HeaderNames,
  head: AnswerHeaders,
  nowMs: number,
): LimitReading | undefined {
  const left = countOf(head.header(remaining));
  if (left === undefined) return undefined;
  const until = head.header(reset);
  const resetMs = until === undefined ? undefined : untilResetMs(until, nowMs);
  return {
    unit,
    remaining: left,
    limit: countOf(head.header(limit)),
    resetMs: resetMs === undefined ? undefined : Math.max(0, resetMs),
  };
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const count = Number(text);
  return Number.isFinite(count) && count >= 0 ? count : undefined;
}
