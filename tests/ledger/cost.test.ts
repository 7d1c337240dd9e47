import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { costOf, sheetFor } from "../../src/ledger/prices/cost.ts";
import { type ModelPrice, PriceOnTerms } from "../../src/ledger/prices/model-price.ts";
import { flatRate, type Price, ratesAbove } from "../../src/ledger/prices/price.ts";
import { countUnits } from "../../src/ledger/prices/unit-counts.ts";
import { PRICED_UNITS, type PricedUnit, UNITS } from "../../src/ledger/prices/units.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";
import { anyFactor, anyParts, anyPrice, anyUsage, type Parts, usageOf } from "./any-price.ts";

/*
 * The rule: what a call costs is the exact sum of counts times rates, times the tier's factor for tokens, rounded half
 * up to a nano-dollar once.
 */

const MILLION = 1_000_000n;

function priceOf(price: Price, factor?: string): ModelPrice {
  const tiers = new Map(factor === undefined ? [] : [["flex", { factor }] as const]);
  const onTerms = new PriceOnTerms({ source: "override", price, tiers, uncounted: [] });
  return onTerms.on(factor === undefined ? undefined : { serviceTier: "flex" });
}

function cost({ bands }: ModelPrice, usage: Usage): number | undefined {
  const sheet = sheetFor(bands, usage.inputTokens);
  return sheet && costOf(sheet, usage);
}

const usage = (parts: Partial<Usage>): Usage => ({ ...NO_USAGE, source: "reported", ...parts });

describe("a cost", () => {
  test("is exact rational arithmetic, rounded half up once", () => {
    fc.assert(
      fc.property(anyPrice, anyParts, fc.option(anyFactor, { nil: undefined }), (price, parts, factor) => {
        const used = usageOf(parts);
        expect(cost(priceOf(price, factor), used)).toBe(rationalCost(price, parts, used.inputTokens, factor));
      }),
      { numRuns: 2_000 },
    );
  });

  test("0.4 + 0.1 nano-dollars are one; rounded apart they were none", () => {
    const both = priceOf({ input: flatRate(400_000n), output: flatRate(100_000n) });
    expect(cost(both, usage({ inputTokens: 1, outputTokens: 1 }))).toBe(1);
    expect(cost(priceOf({ input: flatRate(499_999n) }), usage({ inputTokens: 1 }))).toBe(0);
    // Half of 0.999999 and half of 1.
    expect(cost(priceOf({ input: flatRate(999_999n) }, "0.5"), usage({ inputTokens: 1 }))).toBe(0);
    expect(cost(priceOf({ input: flatRate(MILLION) }, "0.5"), usage({ inputTokens: 1 }))).toBe(1);
  });

  test("is never negative and never throws, whatever a usage claims", () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, (price, used) => {
        const amount = cost(priceOf(price), used) ?? Number.NaN;
        expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
      }),
    );
  });

  test("grows with every part while the size of request stays in its band", () => {
    const flat = anyPrice.map((price) => withoutTiers(price));
    const unit = fc.constantFrom(...PRICED_UNITS);
    fc.assert(
      fc.property(flat, anyParts, unit, fc.nat(1_000), (price, parts, grown, more) => {
        const model = priceOf(price);
        const before = cost(model, usageOf(parts)) ?? 0;
        const after = grown === "request" ? parts : { ...parts, [grown]: parts[grown] + more };
        expect(cost(model, usageOf(after))).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test("of two calls adds up to that of one with both, but for the request's fee and half a nano-dollar a call", () => {
    const perToken = anyPrice.map((price) => ({ ...withoutTiers(price), request: flatRate(0n) }));
    fc.assert(
      fc.property(perToken, anyParts, anyParts, (price, first, second) => {
        const model = priceOf(price);
        const apart = (cost(model, usageOf(first)) ?? 0) + (cost(model, usageOf(second)) ?? 0);
        const together = cost(model, usageOf(addedTo(first, second))) ?? 0;
        expect(Math.abs(apart - together)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("is the whole request's at the rate of its size, one token over the border", () => {
    const model = priceOf({
      input: { base: 3_000_000_000n, tiers: [{ start: 200_000, rate: 6_000_000_000n }] },
      output: { base: 15_000_000_000n, tiers: [{ start: 200_000, rate: 22_500_000_000n }] },
    });
    const at = { inputTokens: 200_000, cachedInputTokens: 150_000, outputTokens: 10 };
    expect(cost(model, usage(at))).toBe(200_000 * 3_000 + 10 * 15_000);
    expect(cost(model, usage({ ...at, inputTokens: 200_001 }))).toBe(200_001 * 6_000 + 10 * 22_500);
  });

  test("beyond what a number holds exactly is still exact", () => {
    const model = priceOf({ input: flatRate(600_000_000_001n), output: flatRate(1n) });
    // 15,000,000,000 x 600,000,000,001 = 9.000000000015e21: 9,000,000,000,015,000 nano-dollars.
    expect(cost(model, usage({ inputTokens: 15_000_000_000 }))).toBe(9_000_000_000_015_000);
    expect(cost(model, usage({ inputTokens: Number.MAX_SAFE_INTEGER }))).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("of tokens that have no price is none, not zero; a tool call without one adds nothing", () => {
    const inputOnly = priceOf({ input: flatRate(MILLION) });
    expect(cost(inputOnly, usage({ inputTokens: 5 }))).toBe(5);
    expect(cost(inputOnly, usage({ inputTokens: 5, outputTokens: 1 }))).toBeUndefined();
    const searching = usage({ inputTokens: 5, billedToolCalls: 2 });
    expect(cost(inputOnly, searching)).toBe(5);
  });

  test("of a call that never ran has no fee", () => {
    const perRequest = priceOf({ input: flatRate(0n), request: flatRate(MILLION * 7n) });
    expect(cost(perRequest, NO_USAGE)).toBe(0);
    expect(cost(perRequest, { ...NO_USAGE, inputTokens: 1 })).toBe(7);
    expect(cost(perRequest, usage({}))).toBe(7);
  });
});

describe("units are counted", () => {
  test("each once, where everything is told", () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const counted = Object.fromEntries(
          PRICED_UNITS.map((unit, at) => [unit, countUnits(usageOf(parts))[at]]),
        );
        expect(counted).toEqual({ ...parts });
      }),
    );
  });

  test("to no more and no less than the wholes, whatever parts claim", () => {
    const from = PRICED_UNITS.indexOf("output");
    const to = PRICED_UNITS.indexOf("request");
    fc.assert(
      fc.property(anyUsage, (used) => {
        const counts = countUnits(used);
        const sum = (part: readonly number[]) => part.reduce((all, count) => all + count, 0);
        expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
        expect(sum(counts.slice(0, from))).toBe(whole(used.inputTokens));
        expect(sum(counts.slice(from, to))).toBe(whole(used.outputTokens));
      }),
    );
  });

  test("sound that does not fit beside the cached tokens is cached sound", () => {
    const counts = countUnits(usage({ inputTokens: 10, cachedInputTokens: 6, inputAudioTokens: 7 }));
    const of = (unit: PricedUnit) => counts[PRICED_UNITS.indexOf(unit)];
    expect([of("cachedInput"), of("cachedInputAudio"), of("inputAudio"), of("input")]).toEqual([3, 3, 4, 0]);
  });
});

/** The rule said again, in fractions and without any of the code under test but the rates' fallbacks. */
function rationalCost(price: Price, parts: Parts, inputTokens: number, factor = "1"): number {
  const rates = ratesAbove(price, inputTokens - 1);
  const [integer = "", decimals = ""] = factor.split(".");
  const scale = 10n ** BigInt(decimals.length);
  let sum = 0n;
  for (const [index, unit] of PRICED_UNITS.entries()) {
    const times = UNITS[unit].kind === "token" ? BigInt(integer + decimals) : scale;
    sum += BigInt(parts[unit]) * (rates[index] ?? 0n) * times;
  }
  const divisor = MILLION * scale;
  const floor = sum / divisor;
  return Number((sum % divisor) * 2n >= divisor ? floor + 1n : floor);
}

function withoutTiers(price: Price): Price {
  return Object.fromEntries(Object.entries(price).map(([unit, { base }]) => [unit, flatRate(base)]));
}

function addedTo(first: Parts, second: Parts): Parts {
  const sums = PRICED_UNITS.map((unit) => [unit, first[unit] + second[unit]]);
  return { ...first, ...Object.fromEntries(sums) };
}

function whole(count: number): number {
  return Number.isFinite(count) && count > 0 ? Math.ceil(count) : 0;
}
