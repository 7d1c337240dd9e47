const UNITS_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * How long until the moment that a rate limit's header names, in milliseconds; undefined where it names none: a duration
 * (`6m0s`, `7.66s`, `120ms`), seconds, a moment in seconds or milliseconds since 1970, or a date.
 */
export function untilResetMs(value: string, nowMs: number): number | undefined {
  const text = value.trim();
  const number = Number(text);
  if (text === "" || Number.isNaN(number)) return durationMs(text) ?? dateMs(text, nowMs);
  if (number >= 1e12) return number - nowMs;
  return number >= 1e9 ? number * 1000 - nowMs : number * 1000;
}

function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    totalMs += Number(amount) * (UNITS_MS[unit] ?? 0);
  }
  return totalMs;
}

function dateMs(text: string, nowMs: number): number | undefined {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs - nowMs;
}
