import { describe, expect, test } from "bun:test";
import { calcPrice } from "@pydantic/genai-prices";
import fc from "fast-check";
import { createPriceBook } from "../../src/ledger/prices/price-book.ts";
import { modelsOf, priceDataIds, priceOf } from "../../src/ledger/prices/price-data.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";
import { anyParts, usageOf } from "./any-price.ts";

const VENDORS = [
  "openai",
  "anthropic",
  "google",
  "groq",
  "deepseek",
  "perplexity",
  "azure",
  "github-copilot",
];
const NOON_MS = Date.UTC(2026, 5, 1, 12);

const book = createPriceBook({
  priceDataIds: new Map(VENDORS.map((id) => [id, id])),
  overrides: new Map([
    ["openai/gpt-4o", { input: "1", output: 2, cached_input: "0.25" }],
    ["own/model", { input: "0.1", output: "0.2", per_request: "0.005" }],
  ]),
  free: new Set(["demo"]),
});

function bill(name: string, parts: Partial<Usage>, atMs = NOON_MS): number | undefined {
  const [provider = "", model = ""] = name.split(/\/(.*)/);
  return book.cost(provider, model, { ...NO_USAGE, source: "reported", ...parts }, atMs)?.cost;
}

describe("hand-computed bills, in nano-dollars", () => {
  test("gpt-4o-mini: 0.15 in, 0.075 cached, 0.60 out", () => {
    // 800 x 150 + 200 x 75 + 200 x 600
    expect(bill("openai/gpt-4o-mini", { inputTokens: 1000, cachedInputTokens: 200, outputTokens: 200 })).toBe(
      255_000,
    );
  });

  test("claude-sonnet-4-5 below its border: 3 in, 0.30 read, 3.75 and 6 written, 15 out", () => {
    const parts = {
      inputTokens: 10_000,
      cachedInputTokens: 4_000,
      cacheWrite5mTokens: 1_000,
      cacheWrite1hTokens: 500,
      outputTokens: 300,
    };
    // 4500 x 3000 + 4000 x 300 + 1000 x 3750 + 500 x 6000 + 300 x 15000
    expect(bill("anthropic/claude-sonnet-4-5", parts)).toBe(
      13_500_000 + 1_200_000 + 3_750_000 + 3_000_000 + 4_500_000,
    );
  });

  test("a tier counts all input tokens, cached ones too, and holds for the whole request", () => {
    const atBorder = { inputTokens: 200_000, cachedInputTokens: 100_000, outputTokens: 1_000 };
    // 100,000 x 3000 + 100,000 x 300 + 1000 x 15000
    expect(bill("anthropic/claude-sonnet-4-5", atBorder)).toBe(300_000_000 + 30_000_000 + 15_000_000);
    // 100,001 x 6000 + 100,000 x 600 + 1000 x 22500
    expect(bill("anthropic/claude-sonnet-4-5", { ...atBorder, inputTokens: 200_001 })).toBe(
      600_006_000 + 60_000_000 + 22_500_000,
    );
  });

  test("gpt-realtime: sound in at 32, out at 64, text at 4 and 16, cached at 0.40", () => {
    const parts = {
      inputTokens: 1_000,
      cachedInputTokens: 100,
      inputAudioTokens: 600,
      outputTokens: 500,
      outputAudioTokens: 400,
    };
    // 300 x 4000 + 100 x 400 + 600 x 32000 + 100 x 16000 + 400 x 64000
    expect(bill("openai/gpt-realtime", parts)).toBe(1_200_000 + 40_000 + 19_200_000 + 1_600_000 + 25_600_000);
  });

  test("sonar: 1 in, 1 out, and 12 per thousand requests", () => {
    expect(bill("perplexity/sonar", { inputTokens: 100, outputTokens: 100 })).toBe(
      12_000_000 + 100_000 + 100_000,
    );
  });

  test("sonar-deep-research: reasoning at 3, other output at 8, searches at 5 per thousand", () => {
    const parts = { inputTokens: 100, outputTokens: 1_000, reasoningTokens: 900, billedToolCalls: 2 };
    // 100 x 2000 + 100 x 8000 + 900 x 3000 + 2 x 5,000,000
    expect(bill("perplexity/sonar-deep-research", parts)).toBe(200_000 + 800_000 + 2_700_000 + 10_000_000);
  });

  test("a part without a price of its own is charged as the whole", () => {
    expect(
      bill("own/model", { inputTokens: 100, inputAudioTokens: 100, outputTokens: 10, reasoningTokens: 10 }),
    ).toBe(10_000 + 2_000 + 5_000_000);
  });
});

describe("which price", () => {
  test("an operator's own wins over the data", () => {
    expect(bill("openai/gpt-4o", { inputTokens: 10, cachedInputTokens: 4, outputTokens: 1 })).toBe(
      6_000 + 1_000 + 2_000,
    );
    expect(book.price("openai", "gpt-4o", NOON_MS)?.source).toBe("override");
  });

  test("a free provider costs nothing, an unknown model has no price", () => {
    expect(bill("demo/anything", { inputTokens: 1_000_000 })).toBe(0);
    expect(bill("openai/no-such-model", { inputTokens: 1 })).toBeUndefined();
    expect(bill("nobody/gpt-4o-mini", { inputTokens: 1 })).toBeUndefined();
  });

  test("what is sold by the hour or page has no price per token, hence none at all", () => {
    expect(bill("openai/whisper-1", {})).toBeUndefined();
    expect(bill("groq/whisper-large-v3", {})).toBeUndefined();
  });

  test("a dated name is found in either spelling", () => {
    const dashed = bill("github-copilot/gpt-5.4-mini-2026-01-31", { inputTokens: 1000 });
    expect(dashed).toBeGreaterThan(0);
    expect(bill("github-copilot/gpt-5.4-mini-20260131", { inputTokens: 1000 })).toBe(dashed ?? -1);
  });

  test("a reseller's model falls back to its vendor's", () => {
    expect(priceOf("azure", "claude-sonnet-4-5", NOON_MS)).toEqual(
      priceOf("anthropic", "claude-sonnet-4-5", NOON_MS),
    );
  });

  test("a provider is never guessed by resemblance", () => {
    expect(modelsOf("openai-like")).toEqual([]);
    expect(modelsOf("openai").find(({ id }) => id === "gpt-4o-mini")?.contextWindow).toBe(128_000);
  });

  test("a price that isn't one is refused with its name", () => {
    const overrides = new Map([["a/b", { input: "free", output: "1" }]]);
    expect(() => createPriceBook({ priceDataIds: new Map(), overrides })).toThrow("a/b");
  });

  test("the version changes with the operator's prices alone", () => {
    const plain = createPriceBook({ priceDataIds: new Map([["x", "openai"]]) }).version;
    expect(plain).toMatch(/^genai-prices-\d+\.\d+\.\d+$/);
    expect(book.version).toMatch(/^genai-prices-\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  });
});

describe("against the package's own arithmetic", async () => {
  const ids = await priceDataIds();
  const models = ids.flatMap((id) => modelsOf(id).map((model) => ({ provider: id, model: model.id })));
  const book = createPriceBook({ priceDataIds: new Map(ids.map((id) => [id, id])) });
  const moments = [
    NOON_MS,
    Date.UTC(2026, 7, 17),
    Date.UTC(2026, 7, 16, 23, 59, 59, 999),
    Date.UTC(2026, 8, 1, 1),
    Date.UTC(2025, 3, 1, 0, 30),
    Date.UTC(2027, 0, 1, 16, 30),
  ];
  test("all models with a price per token come to the same, whatever the parts", () => {
    expect(models.length).toBeGreaterThan(1000);
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.constantFrom(...moments),
        anyParts,
        ({ provider, model }, atMs, all) => {
          // The package tells no code executions and no searches of social networks of these models.
          const parts = { ...all, codeExecution: 0, socialSearch: 0, toolCall: 0 };
          const used = usageOf(parts);
          const theirs = calcPrice(packageUsage(used), model, {
            providerId: provider,
            timestamp: new Date(atMs),
          });
          const ours = book.cost(provider, model, used, atMs);
          if (ours === undefined) return;
          expect(Math.abs(ours.cost - (theirs?.total_price ?? Number.NaN) * 1e9)).toBeLessThanOrEqual(
            1 + ours.cost * 1e-9,
          );
        },
      ),
      { numRuns: 5000 },
    );
  });
});

function packageUsage(used: Usage): Record<string, number> {
  return {
    input_tokens: used.inputTokens,
    cache_read_tokens: used.cachedInputTokens,
    cache_write_tokens: used.cacheWrite5mTokens + used.cacheWrite1hTokens,
    cache_write_1h_tokens: used.cacheWrite1hTokens,
    input_audio_tokens: used.inputAudioTokens,
    cache_audio_read_tokens: used.cachedInputAudioTokens ?? 0,
    input_image_tokens: used.inputImageTokens,
    cache_image_read_tokens: used.cachedInputImageTokens ?? 0,
    input_video_tokens: used.inputVideoTokens ?? 0,
    output_tokens: used.outputTokens,
    output_reasoning_tokens: used.reasoningTokens,
    output_citation_tokens: 0,
    output_audio_tokens: used.outputAudioTokens,
    output_image_tokens: used.outputImageTokens ?? 0,
    output_video_tokens: used.outputVideoTokens ?? 0,
    web_searches: used.billedTools?.webSearch ?? 0,
    storage_searches: used.billedTools?.fileSearch ?? 0,
  };
}
