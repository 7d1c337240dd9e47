import { describe, expect, test } from "bun:test";
import { type ModelPrice, type Provider, waitForUpdate } from "@pydantic/genai-prices";
import { createPriceBook } from "../../src/ledger/prices/price-book.ts";
import { priceDataIds, priceOf } from "../../src/ledger/prices/price-data.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";

/*
 * Everything that the price data has a price for is counted, or named here as what is not. A new version of the data
 * that brings another unit fails this test: count it, or add it to the list of what makes a price incomplete.
 */

const COUNTED = [
  "input_mtok",
  "cache_read_mtok",
  "cache_write_mtok",
  "cache_write_1h_mtok",
  "input_audio_mtok",
  "cache_audio_read_mtok",
  "input_image_mtok",
  "cache_image_read_mtok",
  "input_video_mtok",
  "output_mtok",
  "output_reasoning_mtok",
  "output_audio_mtok",
  "output_image_mtok",
  "output_video_mtok",
  "requests_kcount",
  "web_searches_kcount",
  "storage_searches_kcount",
];
/** Counted as input, which costs the same there. */
const COUNTED_WITHIN_INPUT = ["output_citation_mtok"];
/** Hours of sound, pages, messages: no usage tells them. */
const NOT_COUNTED = [
  "audio_hours",
  "input_audio_hours",
  "input_annotated_document_kpages",
  "input_document_kpages",
  "input_text_messages_kcount",
];

const SOLD_OTHERWISE: readonly string[] = [
  "groq/whisper-large-v3",
  "groq/whisper-large-v3-turbo",
  "mistral/mistral-ocr-2503",
  "mistral/mistral-ocr-2505",
  "mistral/mistral-ocr-2512",
  "mistral/mistral-ocr-4-0",
  "mistral/mistral-ocr-4-1",
  "mistral/mistral-ocr-latest",
  "mistral/voxtral-mini-2602",
  "openai/gpt-transcribe",
  "openai/whisper-1",
  "x-ai/grok-voice-latest",
  "x-ai/grok-voice-think-fast-1.0",
  "x-ai/grok-voice-think-fast-2.0",
];

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const providers: readonly Provider[] = (await waitForUpdate()) ?? [];
const ids = await priceDataIds();
const book = createPriceBook({ priceDataIds: new Map(ids.map((id) => [id, id])) });

const pricesOf = (prices: Provider["models"][number]["prices"]): readonly ModelPrice[] =>
  Array.isArray(prices) ? prices.map((conditional) => conditional.prices) : [prices];

describe("the units of the price data", () => {
  test("are all counted, or known not to be", () => {
    const all = providers.flatMap(({ models }) => models.flatMap(({ prices }) => pricesOf(prices)));
    const found = new Set(all.flatMap((price) => Object.keys(price)));
    expect([...found].sort()).toEqual([...COUNTED, ...COUNTED_WITHIN_INPUT, ...NOT_COUNTED].sort());
  });

  test("that are not counted leave a model without a price, or make it incomplete and say so", () => {
    const models = providers.flatMap(({ id, models }) => models.map((model) => ({ provider: id, model })));
    const odd = models.filter(({ model }) =>
      pricesOf(model.prices).some((price) => Object.keys(price).some((unit) => NOT_COUNTED.includes(unit))),
    );
    expect(odd.length).toBeGreaterThan(10);
    for (const { provider, model } of odd) {
      const price = priceOf(provider, model.id, NOW_MS);
      if (price?.price === undefined) {
        expect(book.cost(provider, model.id, { ...NO_USAGE, inputTokens: 5 }, NOW_MS)).toBeUndefined();
        continue;
      }
      const { incomplete } = book.price(provider, model.id, NOW_MS)?.bands[0]?.sheet ?? {};
      expect(price.uncounted.length).toBeGreaterThan(0);
      expect(incomplete).toEqual(price.uncounted.map((unit) => `${unit} is not counted`));
    }
  });

  test("are complete for every other model", () => {
    for (const { id, models } of providers) {
      for (const model of models) {
        const names = pricesOf(model.prices).flatMap((price) => Object.keys(price));
        if (names.some((unit) => NOT_COUNTED.includes(unit))) continue;
        const bands = book.price(id, model.id, NOW_MS)?.bands ?? [];
        expect(bands.flatMap(({ sheet }) => sheet.incomplete)).toEqual([]);
      }
    }
  });

  test("leave these models without a price, which are sold by the hour, page or message", () => {
    const without = providers.flatMap(({ id, models }) =>
      models
        .filter(({ prices }) =>
          pricesOf(prices).every((price) => Object.keys(price).every((unit) => NOT_COUNTED.includes(unit))),
        )
        .filter(({ prices }) => pricesOf(prices).some((price) => Object.keys(price).length > 0))
        .map((model) => `${id}/${model.id}`),
    );
    expect(without.sort()).toEqual([...SOLD_OTHERWISE]);
    for (const name of without) {
      const [provider = "", model = ""] = name.split(/\/(.*)/);
      expect(book.price(provider, model, NOW_MS)).toBeUndefined();
    }
  });
});

describe("rarer units of real models, worked out by hand", () => {
  const bill = (provider: string, model: string, used: Partial<Usage>, terms = {}): number | undefined =>
    book.cost(provider, model, { ...NO_USAGE, source: "reported", ...used }, NOW_MS, terms)?.cost;

  test("gpt-image-1.5: text 5, cached text 1.25, images in 8, cached images 2, images out 32, text out 10", () => {
    const used = {
      inputTokens: 1_000,
      cachedInputTokens: 300,
      cachedInputImageTokens: 200,
      inputImageTokens: 700,
      outputTokens: 1_100,
      outputImageTokens: 1_056,
    };
    // Text: 200 plain, 100 cached; images: 500 plain, 200 cached; out: 1,056 image, 44 text.
    expect(bill("openai", "gpt-image-1.5", used)).toBe(
      200 * 5_000 + 100 * 1_250 + 500 * 8_000 + 200 * 2_000 + 1_056 * 32_000 + 44 * 10_000,
    );
  });

  test("gpt-realtime: cached sound at 0.40 as the vendor tells it", () => {
    const used = {
      inputTokens: 1_000,
      cachedInputTokens: 400,
      inputAudioTokens: 600,
      cachedInputAudioTokens: 300,
    };
    // Sound: 300 at 32, 300 cached at 0.40; text: 300 at 4, 100 cached at 0.40.
    expect(bill("openai", "gpt-realtime", used)).toBe(300 * 32_000 + 300 * 400 + 300 * 4_000 + 100 * 400);
  });

  test("gemini-3.1-flash-live-preview: video in", () => {
    const video = { inputTokens: 1_000, inputVideoTokens: 900 };
    const { bands } = book.price("google", "gemini-3.1-flash-live-preview", NOW_MS) ?? {};
    const [text, videoRate] = [bands?.[0]?.sheet.rates[0], bands?.[0]?.sheet.rates[8]];
    expect([text, videoRate]).toEqual([750_000_000n, 1_000_000_000n]);
    expect(bill("google", "gemini-3.1-flash-live-preview", video)).toBe(100 * 750 + 900 * 1_000);
  });

  test("gpt-4.1: searches of the web 10, of files 2.50 a thousand, by kind", () => {
    const used = { billedToolCalls: 5, billedTools: { webSearch: 2, fileSearch: 3 } };
    expect(bill("openai", "gpt-4.1", used)).toBe(2 * 10_000_000 + 3 * 2_500_000);
    // Of an unknown kind: taken for searches of the web.
    expect(bill("openai", "gpt-4.1", { billedToolCalls: 2 })).toBe(20_000_000);
  });

  test("sonar-deep-research: citations cost what the prompt costs, as which they are counted", () => {
    expect(bill("perplexity", "sonar-deep-research", { inputTokens: 1_000 })).toBe(2_000_000);
    expect(book.price("perplexity", "sonar-deep-research", NOW_MS)?.bands[0]?.sheet.incomplete).toEqual([]);
  });

  test("what the data gives away is free", () => {
    expect(bill("openai", "omni-moderation-latest", { inputTokens: 1_000_000 })).toBe(0);
  });
});
