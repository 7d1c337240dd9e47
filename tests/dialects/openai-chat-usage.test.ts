import { expect, test } from "bun:test";
import fc from "fast-check";
import { readUsage, usageFromWire, usageToWire } from "../../src/dialects/openai-chat/usage.ts";
import type { Usage } from "../../src/model/usage.ts";

const counts = ({ raw: _raw, ...usage }: Usage): Omit<Usage, "raw"> => usage;

test("OpenAI's details", () => {
  expect(
    usageFromWire({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 40, audio_tokens: 5, cache_write_tokens: 7, image_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 2 },
    }),
  ).toMatchObject({
    inputTokens: 100,
    cachedInputTokens: 40,
    cacheWrite5mTokens: 7,
    inputAudioTokens: 5,
    inputImageTokens: 3,
    outputTokens: 50,
    reasoningTokens: 30,
    outputAudioTokens: 2,
    source: "reported",
  });
});

test("parts that few answers have: cached sound and images, video, images made", () => {
  expect(
    usageFromWire({
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: {
        cached_tokens: 40,
        audio_tokens: 30,
        image_tokens: 20,
        video_tokens: 5,
        cached_tokens_details: { text_tokens: 25, audio_tokens: 10, image_tokens: 5 },
      },
      completion_tokens_details: { image_tokens: 45 },
    }),
  ).toMatchObject({
    cachedInputAudioTokens: 10,
    cachedInputImageTokens: 5,
    inputVideoTokens: 5,
    outputImageTokens: 45,
  });
  const usual = usageFromWire({ prompt_tokens: 1, completion_tokens: 1 });
  expect(Object.keys(usual)).not.toContain("inputVideoTokens");
  expect(Object.keys(usual)).not.toContain("billedTools");
});

test("cached input under each vendor's name", () => {
  const base = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };
  for (const extra of [
    { prompt_tokens_details: { cached_tokens: 4 } },
    { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 },
    { cached_tokens: 4 },
    { prompt_tokens_details: null, cached_tokens: 4 },
  ]) {
    expect(usageFromWire({ ...base, ...extra }).cachedInputTokens).toBe(4);
  }
});

test("reasoning counted beside the completion is added, inside it is not", () => {
  const details = (reasoning: number): object => ({
    completion_tokens_details: { reasoning_tokens: reasoning },
  });
  const xai = { prompt_tokens: 12, completion_tokens: 1, total_tokens: 241, ...details(228) };
  expect(usageFromWire(xai)).toMatchObject({ outputTokens: 229, reasoningTokens: 228 });
  const openai = { prompt_tokens: 12, completion_tokens: 230, total_tokens: 242, ...details(228) };
  expect(usageFromWire(openai)).toMatchObject({ outputTokens: 230, reasoningTokens: 228 });
  const perplexity = {
    prompt_tokens: 33,
    completion_tokens: 7163,
    total_tokens: 7196,
    citation_tokens: 20016,
  };
  expect(usageFromWire({ ...perplexity, num_search_queries: 21, reasoning_tokens: 73997 })).toMatchObject({
    inputTokens: 20049,
    outputTokens: 81160,
    billedToolCalls: 21,
    billedTools: { webSearch: 21 },
  });
});

test("a missing part is worked out of the total", () => {
  expect(usageFromWire({ prompt_tokens: 5, total_tokens: 9 })).toMatchObject({
    inputTokens: 5,
    outputTokens: 4,
  });
  expect(usageFromWire({ completion_tokens: 5, total_tokens: 9 })).toMatchObject({
    inputTokens: 4,
    outputTokens: 5,
  });
});

test("what tells nothing is no report", () => {
  for (const value of [null, undefined, 3, "x", [], {}, { prompt_tokens: -1 }, { total_tokens: "9" }]) {
    expect(readUsage(value)).toBeUndefined();
  }
});

test("whatever stands there, counts are whole, not negative, and parts are within their whole", () => {
  const number = fc.oneof(
    fc.nat(1000),
    fc.constantFrom(-1, 1.5, 1e300, Number.MAX_VALUE, "7", null, [], {}, true, 1e9),
  );
  const names = [
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "reasoning_tokens",
    "cached_tokens",
    "citation_tokens",
  ];
  const details = [
    "cached_tokens",
    "audio_tokens",
    "reasoning_tokens",
    "image_tokens",
    "video_tokens",
    "cache_write_tokens",
  ];
  const membersOf = (list: readonly string[]) => fc.dictionary(fc.constantFrom(...list), number);
  const inner = fc.oneof(membersOf(details), number);
  fc.assert(
    fc.property(membersOf(names), inner, inner, (top, input, output) => {
      const usage = usageFromWire({
        ...top,
        prompt_tokens_details: input,
        completion_tokens_details: output,
      });
      const { source: _source, raw: _raw, billedTools: _tools, ...all } = usage;
      for (const value of Object.values(all)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      expect(usage.cachedInputTokens + usage.cacheWrite5mTokens).toBeLessThanOrEqual(usage.inputTokens);
      expect(usage.inputAudioTokens).toBeLessThanOrEqual(usage.inputTokens);
      expect(usage.reasoningTokens).toBeLessThanOrEqual(usage.outputTokens);
      const { billedToolCalls: _billed, ...again } = counts(usageFromWire({ ...usageToWire(usage) }));
      expect(counts(usage)).toMatchObject(again);
    }),
    { numRuns: 2_000 },
  );
});
