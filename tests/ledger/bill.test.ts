import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { billOf } from "../../src/ledger/prices/bill.ts";
import { sheetFor } from "../../src/ledger/prices/cost.ts";
import { formatDecimal } from "../../src/ledger/prices/decimal.ts";
import { PriceOnTerms } from "../../src/ledger/prices/model-price.ts";
import { flatRate, type Price } from "../../src/ledger/prices/price.ts";
import { type PriceSheet, readSheet } from "../../src/ledger/prices/price-sheet.ts";
import type { Usage } from "../../src/model/usage.ts";
import { anyFactor, anyParts, anyPrice, usageOf } from "./any-price.ts";

function sheetOf(price: Price, usage: Usage, factor?: string): PriceSheet {
  const tiers = new Map(factor === undefined ? [] : [["flex", { factor }] as const]);
  const terms = factor === undefined ? undefined : { serviceTier: "flex" };
  const { bands } = new PriceOnTerms({ source: "override", price, tiers, uncounted: ["pages"] }).on(terms);
  return sheetFor(bands, usage.inputTokens) ?? fail();
}

test("the lines of a bill, its discount and its rounding are the cost exactly", () => {
  fc.assert(
    fc.property(anyPrice, anyParts, fc.option(anyFactor, { nil: undefined }), (price, parts, factor) => {
      const usage = usageOf(parts);
      const bill = billOf(sheetOf(price, usage, factor), usage) ?? fail();
      const lines = bill.lines.reduce((sum, { priced }) => sum + (priced?.amount ?? 0n), 0n);
      const nano = 10n ** BigInt(bill.places - 9);
      expect(lines + (bill.tierDiscount ?? 0n) + bill.rounding).toBe(BigInt(bill.cost) * nano);
      // Half up: never more than half taken away, never more than half added.
      expect(bill.rounding > -nano && 2n * bill.rounding <= nano && 2n * bill.rounding > -nano).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("a discount is a line of its own, of tokens alone", () => {
  const price = {
    input: flatRate(2_000_000_000n),
    output: flatRate(8_000_000_000n),
    webSearch: flatRate(10n ** 13n),
  };
  const usage = usageOf({ ...NONE, input: 800, output: 100, webSearch: 2 });
  const bill = billOf(sheetOf(price, usage, "0.25"), usage) ?? fail();
  const dollars = (amount: bigint) => formatDecimal(amount, bill.places);
  expect(bill.lines.map(({ unit, count, priced }) => [unit, count, dollars(priced?.amount ?? -1n)])).toEqual([
    ["input", 800, "0.0016"],
    ["output", 100, "0.0008"],
    ["webSearch", 2, "0.02"],
  ]);
  expect(dollars(bill.tierDiscount ?? 0n)).toBe("-0.0018");
  expect([bill.cost, bill.rounding]).toMatchObject([20_600_000, 0n]);
});

describe("a price sheet", () => {
  test("says all that it takes to work out the same bill later", () => {
    fc.assert(
      fc.property(anyPrice, anyParts, fc.option(anyFactor, { nil: undefined }), (price, parts, factor) => {
        const usage = usageOf(parts);
        const sheet = sheetOf(price, usage, factor);
        const stored = readSheet(sheet.text) ?? fail();
        expect(stored).toEqual(sheet);
        expect(billOf(stored, usage)).toEqual(billOf(sheet, usage) ?? fail());
      }),
    );
  });

  test("has the same name for the same content, and another for any other", () => {
    const usage = usageOf(NONE);
    const price = { input: flatRate(1n), output: flatRate(2n) };
    expect(sheetOf(price, usage).id).toBe(sheetOf({ ...price }, usage).id);
    expect(sheetOf(price, usage).id).not.toBe(sheetOf({ ...price, output: flatRate(3n) }, usage).id);
    expect(sheetOf(price, usage).id).not.toBe(sheetOf(price, usage, "0.5").id);
    expect(sheetOf(price, usage).id).toMatch(/^[\w-]{16}$/);
  });

  test.each([
    "",
    "{}",
    "[]",
    '{"source":"override","rates":{"input":"x"}}',
    '{"source":"override","rates":{"moons":"1"}}',
  ])("that is none is not read: %s", (text) => {
    expect(readSheet(text)).toBeUndefined();
  });
});

const NONE = {
  input: 0,
  cachedInput: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  inputAudio: 0,
  cachedInputAudio: 0,
  inputImage: 0,
  cachedInputImage: 0,
  inputVideo: 0,
  output: 0,
  reasoning: 0,
  outputAudio: 0,
  outputImage: 0,
  outputVideo: 0,
  request: 1,
  webSearch: 0,
  fileSearch: 0,
  codeExecution: 0,
  socialSearch: 0,
  toolCall: 0,
};

function fail(): never {
  throw new Error("it has a price");
}
