import { describe, expect, test } from "bun:test";
import { createPriceBook, type PriceBook } from "../../src/ledger/prices/price-book.ts";
import type { PriceOverride } from "../../src/ledger/prices/price-override.ts";
import type { PriceSheet } from "../../src/ledger/prices/price-sheet.ts";
import type { PriceTerms } from "../../src/ledger/prices/service-tier.ts";
import { parseMoment, parseTimes } from "../../src/ledger/prices/validity.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";

const NOON_MS = Date.UTC(2026, 10, 24, 12);

function bookOf(overrides: { readonly [name: string]: PriceOverride }) {
  return createPriceBook({
    priceDataIds: new Map([["openai", "openai"]]),
    overrides: new Map(Object.entries(overrides)),
    free: new Set(["demo"]),
    serviceTiers: new Map([
      [
        "openai",
        [
          { tier: "flex", factor: "0.5" },
          { tier: "batch", factor: "0.5" },
          { tier: "priority", factor: "1.75", models: ["gpt-4.1"] },
          { tier: "priority", factor: "3" },
        ],
      ],
    ]),
  });
}

interface Asked {
  readonly atMs?: number;
  readonly terms?: PriceTerms;
}

interface Found {
  readonly cost: number;
  readonly sheet: PriceSheet;
}

function costIn(book: PriceBook, name: string, used: Partial<Usage>, asked: Asked = {}): Found | undefined {
  const [provider = "", model = ""] = name.split(/\/(.*)/);
  const usage: Usage = { ...NO_USAGE, source: "reported", ...used };
  return book.cost(provider, model, usage, asked.atMs ?? NOON_MS, asked.terms);
}

/** What a million input tokens and nothing else cost, in dollars. */
function dollars(book: PriceBook, name: string, asked: Asked = {}): number | undefined {
  const cost = costIn(book, name, { inputTokens: 1_000_000 }, asked)?.cost;
  return cost === undefined ? undefined : cost / 1e9;
}

describe("sizes of request", () => {
  const book = bookOf({
    "own/sized": {
      input: 3,
      output: 15,
      cached_input: 0.3,
      tiers: [
        { above: 500_000, input: 9 },
        { above: 200_000, input: 6, output: 22.5, cached_input: 0.6, tools: { web_search: 0.02 } },
      ],
    },
  });

  test.each([
    [200_000, 3_000, 300, 15_000, 0],
    [200_001, 6_000, 600, 22_500, 20_000_000],
    // What the larger leaves out is as in the smaller.
    [500_001, 9_000, 600, 22_500, 20_000_000],
  ])("%p tokens", (size, input, cached, output, search) => {
    const used = { inputTokens: size, cachedInputTokens: 1_000, outputTokens: 10, billedToolCalls: 1 };
    expect(costIn(book, "own/sized", { ...used, billedTools: { webSearch: 1 } })?.cost).toBe(
      (size - 1_000) * input + 1_000 * cached + 10 * output + search,
    );
  });
});

describe("service tiers", () => {
  const book = bookOf({
    "own/tiered": {
      input: 2,
      output: 8,
      cached_input: 0.5,
      per_request: 0.001,
      tiers: [{ above: 1_000, input: 4 }],
      service_tiers: {
        flex: { factor: 0.5 },
        priority: { input: 10, per_request: 0.002 },
        batch: { factor: 0.25 },
      },
    },
  });
  const used = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 10 };
  const tier = (serviceTier: string, batch = false) =>
    costIn(book, "own/tiered", used, { terms: { serviceTier, batch } });
  // 60 x 2,000 + 40 x 500 + 10 x 8,000
  const TOKENS = 220_000;

  test.each(["default", "standard", "auto", "on_demand"])("%s is the usual one", (name) => {
    expect(tier(name)?.cost).toBe(TOKENS + 1_000_000);
    expect(tier(name)?.sheet.incomplete).toEqual([]);
  });

  test("a factor is one of tokens; the fee stays", () => {
    expect(tier("flex")?.cost).toBe(TOKENS / 2 + 1_000_000);
  });

  test("rates of its own stand in place of the usual ones, for every size; the rest stays", () => {
    // 60 x 10,000 + 40 x 500 + 10 x 8,000
    expect(tier("priority")?.cost).toBe(600_000 + 20_000 + 80_000 + 2_000_000);
    const large = costIn(book, "own/tiered", { inputTokens: 1_001 }, { terms: { serviceTier: "priority" } });
    expect(large?.cost).toBe(1_001 * 10_000 + 2_000_000);
  });

  test("what is sent in a batch has the batch's price, whatever tier is named", () => {
    expect(tier("priority", true)?.cost).toBe(TOKENS / 4 + 1_000_000);
    expect(tier("batch")?.cost).toBe(TOKENS / 4 + 1_000_000);
  });

  test("a tier without a price is charged at the usual one, and the sheet says so, without the provider's word", () => {
    const [first, second] = [tier("hyper"), tier("turbo")];
    expect(first?.cost).toBe(TOKENS + 1_000_000);
    expect(first?.sheet.incomplete).toEqual([
      "no price is known for the service tier; charged at the usual one",
    ]);
    // One sheet for all words that providers may think of.
    expect(second?.sheet.id).toBe(first?.sheet.id ?? "");
  });

  test("the vendor's own hold for the price data, the first that fits the model, and not for overrides", () => {
    expect(dollars(book, "openai/gpt-4.1")).toBe(2);
    expect(dollars(book, "openai/gpt-4.1", { terms: { serviceTier: "flex" } })).toBe(1);
    expect(dollars(book, "openai/gpt-4.1", { terms: { batch: true } })).toBe(1);
    expect(dollars(book, "openai/gpt-4.1", { terms: { serviceTier: "priority" } })).toBe(3.5);
    expect(dollars(book, "openai/gpt-4.1-mini", { terms: { serviceTier: "priority" } })).toBeCloseTo(1.2, 9);
    const stated = bookOf({ "openai/gpt-4.1": { input: 1, output: 1 } });
    expect(dollars(stated, "openai/gpt-4.1", { terms: { serviceTier: "flex" } })).toBe(1);
  });

  test("free stays free in every tier", () => {
    const free = costIn(book, "demo/any", used, { terms: { serviceTier: "hyper" } });
    expect([free?.cost, free?.sheet.incomplete]).toMatchObject([0, []]);
  });
});

describe("times", () => {
  const book = bookOf({
    "own/dated": {
      input: 1,
      output: 1,
      cached_input: 0.25,
      periods: [
        { from: "2026-12-01", input: 2 },
        { from: "2026-12-24T08:00:00Z", until: "2026-12-26", input: 0, cached_input: 0 },
        { daily: "16:30-00:30", input: 0.5 },
      ],
    },
    "openai/gpt-4.1": { input: 1.5, output: 6, from: "2026-07-01", until: "2027-01-01" },
    "own/ended": { input: 1, output: 1, until: "2026-01-01" },
  });

  test.each([
    ["2026-11-30T12:00:00Z", 1],
    ["2026-12-01T00:30:00Z", 2],
    ["2026-12-24T07:59:59.999Z", 2],
    ["2026-12-24T08:00:00Z", 0],
    ["2026-12-26T00:30:00Z", 2],
    // The last that holds counts.
    ["2026-12-25T16:30:00Z", 0.5],
    ["2026-12-26T00:29:59Z", 0.5],
    ["2026-11-30T16:29:59Z", 1],
  ])("%s: %p", (moment, price) => {
    expect(dollars(book, "own/dated", { atMs: Date.parse(moment) })).toBe(price);
  });

  test("what a period leaves out is as around it", () => {
    const used = { inputTokens: 1_000_000, cachedInputTokens: 1_000_000 };
    expect(costIn(book, "own/dated", used, { atMs: Date.UTC(2026, 11, 1) })?.cost).toBe(250_000_000);
  });

  test("where no statement holds the price data does, or nothing", () => {
    expect(dollars(book, "openai/gpt-4.1", { atMs: Date.UTC(2026, 5, 30) })).toBe(2);
    expect(dollars(book, "openai/gpt-4.1", { atMs: Date.UTC(2026, 6, 1) })).toBe(1.5);
    expect(dollars(book, "openai/gpt-4.1", { atMs: Date.UTC(2027, 0, 1) })).toBe(2);
    expect(dollars(book, "own/ended", { atMs: Date.UTC(2025, 11, 31) })).toBe(1);
    expect(dollars(book, "own/ended")).toBeUndefined();
  });

  test("dates and times are read strictly", () => {
    expect(parseMoment("2026-12-01")).toBe(Date.UTC(2026, 11, 1));
    expect(parseMoment("2026-12-01T08:00+02:00")).toBe(Date.UTC(2026, 11, 1, 6));
    for (const text of [
      "2026-02-30",
      "2026-13-01",
      "1 May 2026",
      "2026-12-01T25:00Z",
      "2026-12-01T08:00",
      "",
    ]) {
      expect(parseMoment(text)).toBeUndefined();
    }
    expect(parseTimes("16:30-00:30")).toEqual({ startS: 59_400, endS: 1_800 });
    for (const text of ["16:30", "24:00-01:00", "08:00-08:00", "8:00-9:00", ""]) {
      expect(parseTimes(text)).toBeUndefined();
    }
  });
});

describe("names", () => {
  const book = bookOf({
    "own/*": { input: 1, output: 1 },
    "own/large-*": { input: 5, output: 5 },
    "own/large-one": { input: 7, output: 7 },
    "demo/dear": { input: 9, output: 9 },
  });

  test.each([
    ["own/small", 1],
    ["own/large-two", 5],
    ["own/large-one", 7],
    ["demo/dear", 9],
    ["demo/other", 0],
    ["other/small", undefined],
  ])("%s: %p", (name, price) => {
    expect(dollars(book, name)).toBe(price);
  });
});

test("every setting prices its unit", () => {
  const rates = {
    cached_input: 2,
    cache_write: 3,
    cache_write_1h: 4,
    input_audio: 5,
    cached_input_audio: 6,
    input_image: 7,
    cached_input_image: 8,
    input_video: 9,
    reasoning: 11,
    output_audio: 12,
    output_image: 13,
    output_video: 14,
    per_request: 15,
    per_tool_call: 20,
    tools: { web_search: 16, file_search: 17, code_execution: 18, social_search: 19 },
  };
  const book = bookOf({ "own/all": { input: 1, output: 10, ...rates } });
  const sheet = book.price("own", "all", NOON_MS)?.bands[0]?.sheet;
  const perMillion = sheet?.rates.map((rate) => Number(rate) / 1e9);
  const fees = [15, 16, 17, 18, 19, 20].map((each) => each * 1e6);
  expect(perMillion).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, ...fees]);
});

test.each([
  { input: "free", output: 1 },
  { input: 1, output: 1, tiers: [{ above: 5, input: "x" }] },
  { input: 1, output: 1, service_tiers: { flex: { factor: "half" } } },
  { input: 1, output: 1, from: "tomorrow" },
  { input: 1, output: 1, daily: "noon" },
])("what is no price is refused with its name: %j", (override) => {
  expect(() => bookOf({ "a/b": override })).toThrow("a/b");
});
