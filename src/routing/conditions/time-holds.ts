import { type TimeOfDay, WEEKDAYS, type Weekday } from "../../model/condition.ts";

const MINUTE_MS = 60_000;
const MINUTES_OF_DAY = 1440;

/** What a clock in a zone shows. */
interface LocalMinute {
  readonly day: Weekday;
  /** Since midnight. */
  readonly minute: number;
}

/** Whether a moment (milliseconds since 1970) is within a stretch of the day. */
export function timeHolds({ fromMinute, toMinute, days, zone }: TimeOfDay, nowMs: number): boolean {
  const { day, minute } = localMinute(zone, nowMs);
  const isOn = (each: Weekday): boolean => days === undefined || days.includes(each);
  if (fromMinute < toMinute) return isOn(day) && minute >= fromMinute && minute < toMinute;
  if (minute >= fromMinute) return isOn(day);
  return minute < toMinute && isOn(dayBefore(day));
}

function dayBefore(day: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(day) + WEEKDAYS.length - 1) % WEEKDAYS.length] ?? day;
}

interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  minuteNumber: number;
  shown: LocalMinute;
}

/** As many as a configuration names. */
const clocks = new Map<string, ZoneClock>();

/** Asking the runtime for a zone's time is dear, and the answer holds for a minute. */
function localMinute(zone: string, nowMs: number): LocalMinute {
  const minuteNumber = Math.floor(nowMs / MINUTE_MS);
  const clock = clocks.get(zone) ?? newClock(zone);
  if (clock.minuteNumber !== minuteNumber) {
    clock.minuteNumber = minuteNumber;
    clock.shown = read(clock.format, nowMs);
  }
  return clock.shown;
}

function newClock(zone: string): ZoneClock {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const clock = { format, minuteNumber: Number.NaN, shown: { day: "mon", minute: 0 } as LocalMinute };
  clocks.set(zone, clock);
  return clock;
}

function read(format: Intl.DateTimeFormat, nowMs: number): LocalMinute {
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const short = parts.get("weekday")?.toLowerCase();
  const minute = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  return { day: WEEKDAYS.find((day) => day === short) ?? "mon", minute: minute % MINUTES_OF_DAY };
}
