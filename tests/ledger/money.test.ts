import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { costOf as costInNanoDollars } from "../../src/ledger/prices/cost.ts";
import { exactNanoDollars, nearestNanoDollars } from "../../src/ledger/prices/decimal.ts";
import { type Band, bandsOf, PRICED_UNITS, type Price, type Rates } from "../../src/ledger/prices/price.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";

const costOf = (bands: readonly Band[], used: Usage): number => costInNanoDollars(bands, used);
const rate = (base: bigint) => ({ base, tiers: [] });
const usage = (parts: Partial<Usage>): Usage => ({ ...NO_USAGE, ...parts });

const anyRate = fc.bigInt({ min: 0n, max: 600_000_000_000n }).map(rate);
const anyPrice: fc.Arbitrary<Price> = fc.record(
  Object.fromEntries(PRICED_UNITS.map((unit) => [unit, anyRate])),
  { requiredKeys: [] },
);
const tokens = fc.integer({ min: 0, max: 2_000_000 });
const anyUsage: fc.Arbitrary<Usage> = fc
  .record({
    inputTokens: tokens,
    cachedInputTokens: tokens,
    cacheWrite5mTokens: tokens,
    cacheWrite1hTokens: tokens,
    inputAudioTokens: tokens,
    inputImageTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
    outputAudioTokens: tokens,
    billedToolCalls: fc.integer({ min: 0, max: 100 }),
  })
  .map(usage);

describe("decimals become integers exactly", () => {
  test.each([
    ["0.15", 150_000_000n],
    ["0.1", 100_000_000n],
    ["0.003625", 3_625_000n],
    ["75", 75_000_000_000n],
    ["1e-7", 100n],
    ["2.5E1", 25_000_000_000n],
    ["0", 0n],
    [0.07, 70_000_000n],
    [1.1, 1_100_000_000n],
    [0.000000001, 1n],
  ])("%p", (dollars, nano) => {
    expect(exactNanoDollars(dollars)).toBe(nano);
  });

  test.each(["", "-1", "1,5", "0x10", "NaN", "1.", ".5", "1e999", "$3"])("%p is no price", (text) => {
    expect(() => exactNanoDollars(text)).toThrow(RangeError);
  });

  test("finer than a nano-dollar is refused, or rounded where that is asked for", () => {
    expect(() => exactNanoDollars("0.0000000015")).toThrow("finer");
    expect(nearestNanoDollars("0.0000000015")).toBe(2n);
    expect(nearestNanoDollars(0.08333333333333334)).toBe(83_333_333n);
    expect(nearestNanoDollars(0.18000000000000002)).toBe(180_000_000n);
  });

  test("any count of nano-dollars survives being written as dollars", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (nano) => {
        const text = `${nano / 10n ** 9n}.${(nano % 10n ** 9n).toString().padStart(9, "0")}`;
        expect(exactNanoDollars(text)).toBe(nano);
      }),
    );
  });
});

describe("a cost", () => {
  test("is the exact sum, rounded half up once at the end", () => {
    // 1 token at 400,000 and 1 at 100,000 nano-dollars per million: 0.4 + 0.1 = 0.5, which is 1. Rounded apart: 0.
    expect(
      costOf(
        bandsOf({ input: rate(400_000n), output: rate(100_000n) }),
        usage({ inputTokens: 1, outputTokens: 1 }),
      ),
    ).toBe(1);
    expect(costOf(bandsOf({ input: rate(499_999n) }), usage({ inputTokens: 1 }))).toBe(0);
  });

  test("is never negative, and never throws, whatever parts claim", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, used) => {
        const cost = costOf(bandsOf(price), used);
        expect(Number.isSafeInteger(cost)).toBe(true);
        expect(cost).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test.each([Number.NaN, -5, Number.POSITIVE_INFINITY])("survives a count of %p", (count) => {
    expect(costOf(bandsOf({ input: rate(10n ** 9n) }), usage({ inputTokens: count }))).toBe(0);
  });

  test("charges each input and output token exactly once where all rates are the same", () => {
    fc.assert(
      fc.property(anyUsage, fc.bigInt({ min: 0n, max: 10n ** 11n }), (used, each) => {
        const bands = bandsOf({ input: rate(each), output: rate(each) });
        const exact = BigInt(used.inputTokens + used.outputTokens) * each;
        expect(BigInt(costOf(bands, used))).toBe((exact + 500_000n) / 1_000_000n);
      }),
    );
  });

  test("lies between all tokens at the lowest and all at the highest rate", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, used) => {
        const { toolCall, request, ...perToken }: Rates = bandsOf(price)[0]?.rates ?? fail();
        const sorted = Object.values(perToken).sort((left, right) => (left < right ? -1 : 1));
        const count = BigInt(used.inputTokens + used.outputTokens);
        const fixed = request + BigInt(used.billedToolCalls) * toolCall;
        const cost = BigInt(costOf(bandsOf(price), used)) * 1_000_000n;
        expect(cost + 500_000n).toBeGreaterThanOrEqual(count * (sorted[0] ?? 0n) + fixed);
        expect(cost - 500_000n).toBeLessThanOrEqual(count * (sorted.at(-1) ?? 0n) + fixed);
      }),
    );
  });

  test("costs of calls add up to the cost of the sum, up to half a nano-dollar a call", () => {
    fc.assert(
      fc.property(
        fc.array(tokens, { minLength: 1, maxLength: 50 }),
        fc.bigInt({ min: 0n, max: 10n ** 11n }),
        (calls, each) => {
          const bands = bandsOf({ input: rate(each) });
          const apart = calls.reduce((sum, inputTokens) => sum + costOf(bands, usage({ inputTokens })), 0);
          const together = costOf(
            bands,
            usage({ inputTokens: calls.reduce((sum, count) => sum + count, 0) }),
          );
          expect(Math.abs(apart - together)).toBeLessThanOrEqual(calls.length / 2 + 0.5);
        },
      ),
    );
  });

  test("takes sound that does not fit beside the cached tokens for cached sound", () => {
    const bands = bandsOf({
      input: rate(1n),
      cachedInput: rate(10n),
      inputAudio: rate(100n),
      cachedInputAudio: rate(1000n),
    });
    const used = usage({
      inputTokens: 10_000_000,
      cachedInputTokens: 6_000_000,
      inputAudioTokens: 7_000_000,
    });
    // 3 million cached text, 3 million cached sound, 4 million plain sound.
    expect(costOf(bands, used)).toBe(3 * 10 + 3 * 1000 + 4 * 100);
  });
});

function fail(): never {
  throw new Error("a price has at least one band");
}
