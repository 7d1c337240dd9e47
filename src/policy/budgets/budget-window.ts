import type { BudgetWindow } from "../../model/policy.ts";

/** A stretch of time, `[startMs, endMs)`, in milliseconds since 1970. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

type CalendarWindow = Extract<BudgetWindow, { kind: "calendar" }>;

/**
 * The calendar day, week (from Monday) or month that a moment lies in, as the people of a time zone reckon it. Where
 * clocks change, days have 23 or 25 hours; where midnight itself is skipped, the day begins at the first moment after.
 * An hour that shows yesterday's date once more, since clocks were put back at midnight, belongs to the day that had
 * begun.
 */
export function calendarSpan({ per, timeZone }: CalendarWindow, atMs: number): TimeSpan {
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs))
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  let first = firstDay(per, today);
  let next = first.add(STEPS[per]);
  while (startOfDay(next, timeZone) <= atMs) {
    first = next;
    next = first.add(STEPS[per]);
  }
  return { startMs: startOfDay(first, timeZone), endMs: startOfDay(next, timeZone) };
}

const STEPS = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const;

function firstDay(per: CalendarWindow["per"], today: Temporal.PlainDate): Temporal.PlainDate {
  switch (per) {
    case "day":
      return today;
    case "week":
      return today.subtract({ days: today.dayOfWeek - 1 });
    case "month":
      return today.with({ day: 1 });
  }
}

function startOfDay(day: Temporal.PlainDate, timeZone: string): number {
  return day.toZonedDateTime({ timeZone }).epochMilliseconds;
}
