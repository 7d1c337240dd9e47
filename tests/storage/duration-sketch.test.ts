import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DurationSketch, SKETCH_ACCURACY } from "../../src/storage/rollups/duration-sketch.ts";
import { NumberPacker, NumberUnpacker } from "../../src/storage/rollups/packed-numbers.ts";

const anyDuration = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 120_000 }),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.double({ min: 0, max: 10_000, noNaN: true }),
);
const anyDurations = fc.array(anyDuration, { maxLength: 300 });
const anyPercent = fc.integer({ min: 1, max: 100 });

function sketchOf(durations: readonly number[]): DurationSketch {
  const sketch = new DurationSketch();
  for (const duration of durations) sketch.add(duration);
  return sketch;
}

function packed(sketch: DurationSketch): Uint8Array {
  const packer = new NumberPacker();
  sketch.pack(packer);
  return packer.take();
}

function nearestRank(durations: readonly number[], percent: number): number {
  const sorted = durations.map(Math.round).sort((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? Number.NaN;
}

describe("a sketch of durations", () => {
  test("tells any percentile to its accuracy", () => {
    fc.assert(
      fc.property(
        fc.array(anyDuration, { minLength: 1, maxLength: 300 }),
        anyPercent,
        (durations, percent) => {
          const exact = nearestRank(durations, percent);
          const told = sketchOf(durations).percentile(percent) ?? Number.NaN;
          // The middle of a bin is rounded to a whole millisecond.
          expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * SKETCH_ACCURACY + 0.5 + 1e-6);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("merged of parts is the sketch of the whole, in whatever order", () => {
    fc.assert(
      fc.property(fc.array(anyDurations, { maxLength: 6 }), (parts) => {
        const whole = packed(sketchOf(parts.flat()));
        for (const ordered of [parts, [...parts].reverse()]) {
          const merged = new DurationSketch();
          for (const part of ordered) merged.merge(sketchOf(part));
          expect(packed(merged)).toEqual(whole);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("is itself again once packed and unpacked", () => {
    fc.assert(
      fc.property(anyDurations, anyDurations, (one, other) => {
        const sketch = sketchOf(one);
        sketch.addPacked(new NumberUnpacker(packed(sketchOf(other))));
        expect(packed(sketch)).toEqual(packed(sketchOf([...one, ...other])));
        expect(sketch.count).toBe(one.length + other.length);
      }),
      { numRuns: 500 },
    );
  });

  test("takes what is no duration for none, and what is endless for the longest", () => {
    const sketch = sketchOf([Number.NaN, -5, Number.POSITIVE_INFINITY]);
    expect(sketch.count).toBe(3);
    expect(sketch.percentile(50)).toBe(0);
    expect(sketch.percentile(100)).toBeGreaterThan(2 ** 30);
    expect(new DurationSketch().percentile(50)).toBeUndefined();
  });

  test("of a year of calls fits in a page", () => {
    const durations = Array.from({ length: 100_000 }, (_, index) => 20 + ((index * 7919) % 60_000));
    expect(packed(sketchOf(durations)).byteLength).toBeLessThan(2_000);
  });
});

test("packed numbers are what was packed, and zeros behind the end", () => {
  const numbers = fc.array(fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeInteger().map(Math.abs)));
  fc.assert(
    fc.property(numbers, (values) => {
      const packer = new NumberPacker();
      for (const value of values) packer.add(value);
      const unpacker = new NumberUnpacker(packer.take());
      expect(values.map(() => unpacker.next())).toEqual(values);
      expect([unpacker.isAtEnd, unpacker.next()]).toEqual([true, 0]);
    }),
  );
});
