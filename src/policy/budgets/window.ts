import type { BudgetWindow } from "../../model/policy.ts";

/** A stretch of time, in milliseconds since 1970: the start is in it, the end is not. */
export interface Stretch {
  readonly startMs: number;
  /** Absent where it has no end that is known beforehand. */
  readonly endMs?: number;
}

/** The stretch of a budget's window that holds a moment. Calendar windows follow each other without gap or overlap. */
export function windowAt(window: BudgetWindow, atMs: number): Stretch {
  switch (window.kind) {
    case "total":
      return { startMs: 0 };
    case "rolling":
      return { startMs: atMs - window.lengthMs };
    case "calendar":
      return calendarWindow(window, atMs);
  }
}

type Calendar = Extract<BudgetWindow, { kind: "calendar" }>;

/**
 * Days have 23 to 25 hours where clocks are put back or forth, and begin at the first moment that there is. Where a
 * clock put back at midnight shows the old date once more, that hour belongs to the day that had already begun.
 */
function calendarWindow({ per, timeZone }: Calendar, atMs: number): Required<Stretch> {
  const date = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
  let first = firstDay(date, per);
  let next = first.add(LENGTHS[per]);
  while (beginOf(next, timeZone) <= atMs) {
    first = next;
    next = first.add(LENGTHS[per]);
  }
  return { startMs: beginOf(first, timeZone), endMs: beginOf(next, timeZone) };
}

const LENGTHS = { day: { days: 1 }, week: { days: 7 }, month: { months: 1 } } as const;

function firstDay(date: Temporal.PlainDate, per: Calendar["per"]): Temporal.PlainDate {
  switch (per) {
    case "day":
      return date;
    case "week":
      return date.subtract({ days: date.dayOfWeek - 1 });
    case "month":
      return date.with({ day: 1 });
  }
}

function beginOf(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}
