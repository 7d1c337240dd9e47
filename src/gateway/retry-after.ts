import type { ErrorClass } from "../model/error-class.ts";
import { untilResetMs } from "../routing/health/reset-time.ts";

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
    const waitMs = found === null ? undefined : untilResetMs(value, nowMs);
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
