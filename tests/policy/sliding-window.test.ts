import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SlidingWindow } from "../../src/policy/limits/sliding-window.ts";

describe("a sliding window", () => {
  test("has room again once what was taken has left it", () => {
    const window = new SlidingWindow(2, 60_000);
    window.take(1, 0);
    window.take(1, 30_000);
    expect(window.remaining(59_999)).toBe(0);
    expect(window.waitMs(1, 30_000)).toBeGreaterThanOrEqual(30_000);
    expect(window.waitMs(1, 30_000)).toBeLessThanOrEqual(30_000 + 60_000 / 4096);
    expect(window.waitMs(3, 30_000)).toBe(Number.POSITIVE_INFINITY);
    expect(window.remaining(60_015)).toBe(1);
    expect(window.resetMs(60_015)).toBeCloseTo(30_000, -2);
    expect(window.remaining(200_000)).toBe(2);
  });

  test("a correction counts where it was taken, and not once that has left", () => {
    const window = new SlidingWindow(100, 1_000);
    const number = window.take(60, 0);
    window.correct(number, -40);
    expect(window.remaining(500)).toBe(80);
    window.correct(number, 100);
    expect(window.remaining(500)).toBe(0);
    expect(window.remaining(1_100)).toBe(100);
    window.correct(number, 50);
    expect(window.remaining(1_100)).toBe(100);
  });

  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 700 }),
    units: fc.integer({ min: 1, max: 5 }),
  });

  test("never lets more than the limit pass in any window, nor keeps a unit much longer than one", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (steps, limit) => {
        const window = new SlidingWindow(limit, 1_000);
        const taken: { readonly atMs: number; readonly units: number }[] = [];
        const between = (fromMs: number, toMs: number) =>
          taken
            .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
            .reduce((sum, { units }) => sum + units, 0);
        let nowMs = 1_000_000;
        for (const { afterMs, units } of steps) {
          nowMs += afterMs;
          const waitMs = window.waitMs(units, nowMs);
          if (waitMs === 0) {
            window.take(units, nowMs);
            taken.push({ atMs: nowMs, units });
          } else {
            // Refused: in a window that is longer by one stretch there was no room.
            expect(between(nowMs - 1_000 - 1_000 / 4096 - 1, nowMs) + units).toBeGreaterThan(limit);
          }
          expect(between(nowMs - 1_000, nowMs)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test("counts the same however much passes through it", () => {
    const window = new SlidingWindow(1_000_000_000, 60_000);
    for (let call = 0; call < 200_000; call++) window.take(1, call);
    const used = 1_000_000_000 - window.remaining(200_000);
    expect(used).toBeGreaterThanOrEqual(59_999);
    expect(used).toBeLessThanOrEqual(60_000 + Math.ceil(60_000 / 4096));
  });
});
