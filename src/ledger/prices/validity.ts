import type { PriceCondition } from "./price-schedule.ts";

/** When a stated price holds. All that is said must be so. */
export interface Validity {
  /** The first day, or moment, on which it holds: `2026-12-01` (midnight UTC) or `2026-12-01T08:00:00Z`. */
  readonly from?: string | undefined;
  /** The first day, or moment, on which it no longer holds. */
  readonly until?: string | undefined;
  /** Every day from the first time on and up to the second, in UTC; over midnight too: `16:30-00:30`. */
  readonly daily?: string | undefined;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_CHARACTERS = "2026-12-01".length;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/;
const TIMES = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** What must hold for a price to. Throws RangeError on what is no date, moment or pair of times. */
export function conditionsOf({ from, until, daily }: Validity): readonly PriceCondition[] {
  return [
    ...(from === undefined ? [] : [{ kind: "from", startMs: validMoment(from) } as const]),
    ...(until === undefined ? [] : [{ kind: "until", endMs: validMoment(until) } as const]),
    ...(daily === undefined ? [] : [{ kind: "daily", ...validTimes(daily) } as const]),
  ];
}

/** A day's midnight in UTC, or a moment, in milliseconds since 1970; undefined where the text is neither. */
export function parseMoment(text: string): number | undefined {
  const day = text.slice(0, DAY_CHARACTERS);
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  // 30 February must not become 2 March.
  if (Number.isNaN(midnightMs) || !new Date(midnightMs).toISOString().startsWith(day)) return undefined;
  if (DAY.test(text)) return midnightMs;
  const atMs = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** `16:30-00:30` in seconds since midnight; undefined where the text is no pair of different times. */
export function parseTimes(text: string): { readonly startS: number; readonly endS: number } | undefined {
  const [, ...parts] = TIMES.exec(text) ?? [];
  const [startH, startM, endH, endM] = parts.map(Number);
  if (startH === undefined || startM === undefined || endH === undefined || endM === undefined)
    return undefined;
  const times = { startS: startH * 3600 + startM * 60, endS: endH * 3600 + endM * 60 };
  return times.startS === times.endS ? undefined : times;
}

function validMoment(text: string): number {
  const atMs = parseMoment(text);
  if (atMs === undefined) throw new RangeError(`not a date: ${text}`);
  return atMs;
}

function validTimes(text: string): { readonly startS: number; readonly endS: number } {
  const times = parseTimes(text);
  if (times === undefined) throw new RangeError(`not two times of a day: ${text}`);
  return times;
}
