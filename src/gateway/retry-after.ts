import type { ErrorClass } from "../model/error-class.ts";

/** No client should wait for longer on a provider's word. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * How long to wait before the same call is tried again, as far as the answer's headers tell, clamped to an hour:
 * - `retry-after-ms` (OpenAI, Azure), `retry-after`: seconds or a date (RFC 9110, 10.2.3);
 * - where a rate limit refused the call, when the limit that is used up begins anew: `x-ratelimit-reset-requests`,
 *   `-tokens` and the like (OpenAI https://platform.openai.com/docs/guides/rate-limits, Groq, Cerebras, Together,
 *   OpenRouter), `ratelimit-reset` (the IETF's draft) and `anthropic-ratelimit-requests-reset`
 *   (https://docs.anthropic.com/en/api/rate-limits#response-headers).
 */
export function retryAfterMs(headers: Headers, errorClass: ErrorClass, nowMs: number): number | undefined {
  const waitMs =
    milliseconds(headers.get("retry-after-ms")) ??
    secondsOrDate(headers.get("retry-after"), nowMs) ??
    (errorClass === "rate_limit" ? untilReset(headers, nowMs) : undefined);
  return clampedWait(waitMs);
}

/** No more than an hour, whoever asks for it. */
export function clampedWait(waitMs: number | undefined): number | undefined {
  return waitMs === undefined ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

/** `x-ratelimit-reset-tokens` and `anthropic-ratelimit-tokens-reset` alike; group 1 and 2 name the limit. */
const RESET = /^(?:x-)?ratelimit-reset(.*)$|^anthropic-ratelimit-(.+)-reset$/;

/**
 * Every answer tells of all limits: it is those without anything remaining that must be waited for, the longest of them.
 * Where nothing tells what remains, the shortest wait is the likeliest.
 */
function untilReset(headers: Headers, nowMs: number): number | undefined {
  const exhausted: number[] = [];
  const unclear: number[] = [];
  headers.forEach((value, name) => {
    const found = RESET.exec(name);
    const waitMs = found === null ? undefined : resetMs(value, nowMs);
    if (found === null || waitMs === undefined) return;
    const remaining = headers.get(remainingName(name, found));
    if (remaining === null) unclear.push(waitMs);
    else if (Number(remaining) <= 0) exhausted.push(waitMs);
  });
  if (exhausted.length > 0) return Math.max(...exhausted);
  return unclear.length > 0 ? Math.min(...unclear) : undefined;
}

function remainingName(name: string, [, suffix, anthropic]: RegExpExecArray): string {
  if (anthropic !== undefined) return `anthropic-ratelimit-${anthropic}-remaining`;
  return `${name.slice(0, name.length - (suffix ?? "").length - "reset".length)}remaining${suffix}`;
}

/** A duration (`6m0s`, `7.66s`, `120ms`), seconds, a moment in seconds or milliseconds since 1970, or a date. */
function resetMs(value: string, nowMs: number): number | undefined {
  const text = value.trim();
  const number = Number(text);
  if (text === "" || Number.isNaN(number)) return durationMs(text) ?? dateMs(text, nowMs);
  if (number >= 1e12) return number - nowMs;
  return number >= 1e9 ? number * 1000 - nowMs : number * 1000;
}

const UNITS_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    totalMs += Number(amount) * (UNITS_MS[unit] ?? 0);
  }
  return totalMs;
}

function secondsOrDate(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  return Number.isFinite(seconds) ? seconds * 1000 : dateMs(value, nowMs);
}

function milliseconds(value: string | null): number | undefined {
  const ms = value === null || value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(ms) ? ms : undefined;
}

function dateMs(text: string, nowMs: number): number | undefined {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs - nowMs;
}
