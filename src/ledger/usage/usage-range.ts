import { DAY_MS, HOUR_MS } from "../../storage/rollups/usage-deltas.ts";

const HOURS_OF_DAY = 24;

/** Numbers of hours, or of days, since 1970: the first, and the one behind the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What rows of rollups make up a stretch of time. */
export interface UsageRange {
  readonly days: Span;
  /** What whole days leave over at either end. */
  readonly hours: readonly Span[];
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

const NO_DAYS: Span = { from: 0, to: 0 };
/** Later than any moment that a clock tells. */
const LAST_HOUR = Math.floor(8.64e15 / HOUR_MS);
const LAST_DAY = Math.floor(LAST_HOUR / HOURS_OF_DAY);

/** The rows from which a stretch of time is counted: its whole days, and the hours before and after them. */
export function rangeOf(
  { sinceMs, untilMs }: { readonly sinceMs?: number; readonly untilMs?: number },
  finest: "hour" | "day" | "any",
): UsageRange {
  return finest === "day" ? inDays(sinceMs, untilMs) : inHours(sinceMs, untilMs, finest === "hour");
}

function inDays(sinceMs: number | undefined, untilMs: number | undefined): UsageRange {
  const from = sinceMs === undefined ? 0 : Math.floor(sinceMs / DAY_MS);
  const to = untilMs === undefined ? LAST_DAY : Math.ceil(untilMs / DAY_MS);
  return {
    days: { from, to },
    hours: [],
    fromMs: sinceMs === undefined ? undefined : from * DAY_MS,
    toMs: untilMs === undefined ? undefined : to * DAY_MS,
  };
}

function inHours(
  sinceMs: number | undefined,
  untilMs: number | undefined,
  isEachNeeded: boolean,
): UsageRange {
  const from = sinceMs === undefined ? 0 : Math.floor(sinceMs / HOUR_MS);
  const to = untilMs === undefined ? LAST_HOUR : Math.ceil(untilMs / HOUR_MS);
  const bounds = {
    fromMs: sinceMs === undefined ? undefined : from * HOUR_MS,
    toMs: untilMs === undefined ? undefined : to * HOUR_MS,
  };
  const firstDay = Math.ceil(from / HOURS_OF_DAY);
  const endDay = Math.floor(to / HOURS_OF_DAY);
  if (isEachNeeded || firstDay >= endDay) return { days: NO_DAYS, hours: [{ from, to }], ...bounds };
  const edges = [
    { from, to: firstDay * HOURS_OF_DAY },
    { from: endDay * HOURS_OF_DAY, to },
  ];
  return {
    days: { from: firstDay, to: endDay },
    hours: edges.filter((edge) => edge.from < edge.to),
    ...bounds,
  };
}

/** A day as `2026-11-25`. */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** An hour as the moment at which it begins: `2026-11-25T13:00:00Z`. */
export function hourName(hour: number): string {
  return `${new Date(hour * HOUR_MS).toISOString().slice(0, 19)}Z`;
}
