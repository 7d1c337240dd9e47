import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { calendarSpan } from "../../src/policy/budgets/budget-window.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/St_Johns",
  "America/Sao_Paulo",
  "Africa/Cairo",
  "Asia/Kolkata",
];

type Length = "day" | "week" | "month";

function calendar(per: Length, timeZone = "UTC") {
  return { kind: "calendar", per, timeZone } as const;
}

function told(window: ReturnType<typeof calendar>, at: string): string[] {
  const { startMs, endMs } = calendarSpan(window, Date.parse(at));
  return [startMs, endMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe("the calendar window of a budget", () => {
  test("days, weeks from Monday on, and months", () => {
    expect(told(calendar("day"), "2026-11-24T12:00:00Z")).toEqual(["2026-11-24T00:00", "2026-11-25T00:00"]);
    expect(told(calendar("week"), "2026-11-24T12:00:00Z")).toEqual(["2026-11-23T00:00", "2026-11-30T00:00"]);
    expect(told(calendar("week"), "2026-11-29T23:59:59Z")).toEqual(["2026-11-23T00:00", "2026-11-30T00:00"]);
    expect(told(calendar("month"), "2028-02-29T12:00:00Z")).toEqual(["2028-02-01T00:00", "2028-03-01T00:00"]);
    expect(told(calendar("month"), "2026-12-31T23:59:59Z")).toEqual(["2026-12-01T00:00", "2027-01-01T00:00"]);
  });

  test("midnights of the time zone, also when clocks change", () => {
    const day = calendar("day", "Europe/Berlin");
    expect(told(day, "2026-03-29T12:00:00Z")).toEqual(["2026-03-28T23:00", "2026-03-29T22:00"]);
    expect(told(day, "2026-10-25T12:00:00Z")).toEqual(["2026-10-24T22:00", "2026-10-25T23:00"]);
    expect(told(calendar("month", "Europe/Berlin"), "2026-03-31T22:30:00Z")).toEqual([
      "2026-03-31T22:00",
      "2026-04-30T22:00",
    ]);
  });

  test("a midnight that does not exist is the first moment of its day", () => {
    expect(told(calendar("day", "America/Sao_Paulo"), "2018-11-04T12:00:00Z")[0]).toBe("2018-11-04T03:00");
  });

  test("an hour that shows yesterday's date again belongs to the day that had begun", () => {
    expect(told(calendar("day", "America/St_Johns"), "2006-10-29T02:45:00Z")[0]).toBe("2006-10-29T02:30");
  });

  test("calendar windows hold their moment and follow each other without gap or overlap", () => {
    const moment = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) });
    const per = fc.constantFrom<Length>("day", "week", "month");
    fc.assert(
      fc.property(moment, per, fc.constantFrom(...ZONES), (atMs, length, zone) => {
        const window = calendar(length, zone);
        const { startMs, endMs } = calendarSpan(window, atMs);
        expect(startMs <= atMs && atMs < endMs).toBe(true);
        expect(calendarSpan(window, startMs).startMs).toBe(startMs);
        expect(calendarSpan(window, endMs).startMs).toBe(endMs);
        expect(calendarSpan(window, endMs - 1)).toEqual({ startMs, endMs });
      }),
    );
  });
});
