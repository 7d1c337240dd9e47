import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { costOf, sheetFor } from "../../src/ledger/prices/cost.ts";
import { affordableOutputTokens, estimateCost, type SpecialPart } from "../../src/ledger/prices/estimate.ts";
import { type ModelPrice, PriceOnTerms } from "../../src/ledger/prices/model-price.ts";
import { flatRate, type Price } from "../../src/ledger/prices/price.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { anyFactor, anyParts, anyPrice, usageOf } from "./any-price.ts";

const ALL_PARTS: readonly SpecialPart[] = [
  "cacheWrite1h",
  "inputAudio",
  "inputImage",
  "inputVideo",
  "outputAudio",
  "outputImage",
  "outputVideo",
];

function priceOf(price: Price, factor = "1"): ModelPrice {
  const tiers = new Map([["flex", { factor }]]);
  return new PriceOnTerms({ source: "override", price, tiers, uncounted: [] }).on({ serviceTier: "flex" });
}

const parts = fc.subarray([...ALL_PARTS]);
const tokens = fc.integer({ min: 0, max: 400_000 });

describe("an estimate", () => {
  test("is at least what the call turns out to cost", () => {
    fc.assert(
      fc.property(anyPrice, anyFactor, anyParts, fc.nat(50_000), (price, factor, used, tooMany) => {
        const model = priceOf(price, factor);
        const usage = usageOf(used);
        const estimate = estimateCost(model, {
          inputTokensHigh: usage.inputTokens + tooMany,
          outputTokens: usage.outputTokens,
          parts: ALL_PARTS,
          toolCalls: usage.billedToolCalls,
        });
        const sheet = sheetFor(model.bands, usage.inputTokens);
        const cost = sheet && costOf(sheet, usage);
        expect(estimate).toBeGreaterThanOrEqual(cost ?? Number.NaN);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of text takes it for input that is written to the cache, and rounds up", () => {
    const model = priceOf({
      input: flatRate(3_000_000_000n),
      cachedInput: flatRate(300_000_000n),
      cacheWrite5m: flatRate(3_750_000_000n),
      cacheWrite1h: flatRate(6_000_000_000n),
      output: flatRate(15_000_000_001n),
      request: flatRate(2_000_000n),
    });
    // 1,000 x 3,750 + 10 x 15,000.000001 + 2
    const call = { inputTokensHigh: 1_000, outputTokens: 10 };
    expect(estimateCost(model, call)).toBe(nanoDollars(3_750_000 + 150_000 + 2 + 1));
    // 1,000 x 6,000
    expect(estimateCost(model, { ...call, outputTokens: 0, parts: ["cacheWrite1h"] })).toBe(
      nanoDollars(6_000_002),
    );
  });

  test("takes the dearest size that the request may have, even where smaller ones cost more", () => {
    const model = priceOf({
      input: { base: 5_000_000n, tiers: [{ start: 100, rate: 2_000_000n }] },
      output: { base: 1_000_000n, tiers: [{ start: 100, rate: 9_000_000n }] },
    });
    expect(estimateCost(model, { inputTokensHigh: 100, outputTokens: 1 })).toBe(nanoDollars(100 * 5 + 1));
    expect(estimateCost(model, { inputTokensHigh: 101, outputTokens: 1 })).toBe(nanoDollars(101 * 5 + 9));
  });

  test("of what has no price is none", () => {
    const inputOnly = priceOf({ input: flatRate(1_000_000n) });
    expect(estimateCost(inputOnly, { inputTokensHigh: 7, outputTokens: 0 })).toBe(nanoDollars(7));
    expect(estimateCost(inputOnly, { inputTokensHigh: 7, outputTokens: 1 })).toBeUndefined();
    expect(affordableOutputTokens(inputOnly, 100n, { inputTokensHigh: 7 })).toBeUndefined();
  });
});

describe("the output that an amount pays for", () => {
  test("costs no more than it, and one token more would", () => {
    const amount = fc.integer({ min: 0, max: 10 ** 12 });
    fc.assert(
      fc.property(
        anyPrice,
        anyFactor,
        amount,
        tokens,
        parts,
        (price, factor, left, inputTokensHigh, held) => {
          const model = priceOf(price, factor);
          const use = { inputTokensHigh, parts: held };
          const affordable = affordableOutputTokens(model, nanoDollars(left), use);
          const costs = (outputTokens: number) => estimateCost(model, { ...use, outputTokens }) ?? Number.NaN;
          if (affordable === undefined) expect(costs(0)).toBeGreaterThan(left);
          else if (affordable === Number.MAX_SAFE_INTEGER)
            expect(costs(Number.MAX_SAFE_INTEGER)).toBeLessThanOrEqual(left);
          else {
            expect(costs(affordable)).toBeLessThanOrEqual(left);
            expect(costs(affordable + 1)).toBeGreaterThan(left);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("has no bound where output is free, and is none where the input is too dear", () => {
    const model = priceOf({ input: flatRate(1_000_000n), output: flatRate(0n) });
    expect(affordableOutputTokens(model, 5n, { inputTokensHigh: 5 })).toBe(Number.MAX_SAFE_INTEGER);
    expect(affordableOutputTokens(model, 4n, { inputTokensHigh: 5 })).toBeUndefined();
  });
});
