import { expect, test } from "bun:test";
import fc from "fast-check";
import { readUsage, usageToWire } from "../../src/dialects/gemini/usage.ts";
import { NO_USAGE } from "../../src/model/usage.ts";

test("every kind of token: thoughts beside the candidates', tools' beside the prompt", () => {
  expect(
    readUsage({
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 30,
      toolUsePromptTokenCount: 20,
      totalTokenCount: 200,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 60 },
        { modality: "AUDIO", tokenCount: 25 },
        { modality: "IMAGE", tokenCount: 15 },
      ],
      candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 45 }],
    }),
  ).toMatchObject({
    inputTokens: 120,
    cachedInputTokens: 40,
    inputAudioTokens: 25,
    inputImageTokens: 15,
    outputTokens: 80,
    reasoningTokens: 30,
    outputAudioTokens: 45,
    source: "reported",
  });
});

test("the rarer kinds: films, images made, sound from the cache, searches", () => {
  const counts = (modality: string, tokenCount: number) => [{ modality, tokenCount }];
  const usage = {
    promptTokenCount: 100,
    candidatesTokenCount: 60,
    promptTokensDetails: counts("VIDEO", 90),
    candidatesTokensDetails: counts("IMAGE", 50),
    cacheTokensDetails: counts("AUDIO", 7),
  };
  expect(readUsage(usage, 3)).toMatchObject({
    inputVideoTokens: 90,
    outputImageTokens: 50,
    cachedInputAudioTokens: 7,
    cachedInputImageTokens: 0,
    billedToolCalls: 3,
    billedTools: { webSearch: 3 },
  });
});

test("a missing part is worked out of the total", () => {
  expect(readUsage({ promptTokenCount: 6, totalTokenCount: 20, thoughtsTokenCount: 14 })).toMatchObject({
    inputTokens: 6,
    outputTokens: 14,
    reasoningTokens: 14,
  });
  expect(readUsage({ promptTokenCount: 9, totalTokenCount: 9 })).toMatchObject({
    inputTokens: 9,
    outputTokens: 0,
  });
  expect(readUsage({ candidatesTokenCount: 5, totalTokenCount: 9 })).toMatchObject({
    inputTokens: 4,
    outputTokens: 5,
  });
});

test("what tells nothing is no report", () => {
  const nothing = [null, undefined, 3, "x", [], {}, { trafficType: "ON_DEMAND" }, { promptTokenCount: -1 }];
  for (const value of nothing) expect(readUsage(value)).toBeUndefined();
});

test("written usage is read as it was", () => {
  const usage = {
    ...NO_USAGE,
    inputTokens: 100,
    cachedInputTokens: 40,
    inputAudioTokens: 25,
    inputImageTokens: 15,
    outputTokens: 80,
    reasoningTokens: 30,
    outputAudioTokens: 45,
    source: "reported",
  } as const;
  const wire = usageToWire(usage, "flex");
  expect(wire.totalTokenCount).toBe(180);
  expect(wire.serviceTier).toBe("flex");
  const { raw: _raw, ...again } = readUsage(wire) ?? NO_USAGE;
  expect(again).toEqual(usage);
});

test("whatever stands there, counts are whole, not negative, and parts are within their whole", () => {
  const number = fc.oneof(fc.nat(1000), fc.constantFrom(-1, 1.5, 1e300, "7", "x", null, [], {}, true, 1e9));
  const names = [
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "cachedContentTokenCount",
    "totalTokenCount",
  ];
  const details = fc.oneof(
    number,
    fc.array(fc.record({ modality: fc.constantFrom("AUDIO", "IMAGE", "TEXT", 3), tokenCount: number })),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), number), details, details, (top, input, output) => {
      const usage = readUsage({ ...top, promptTokensDetails: input, candidatesTokensDetails: output });
      if (usage === undefined) return;
      const { source: _source, raw: _raw, billedTools: _tools, ...all } = usage;
      for (const value of Object.values(all)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      for (const part of [usage.cachedInputTokens, usage.inputAudioTokens, usage.inputImageTokens])
        expect(part).toBeLessThanOrEqual(usage.inputTokens);
      expect(usage.reasoningTokens).toBeLessThanOrEqual(usage.outputTokens);
      expect(usage.outputAudioTokens).toBeLessThanOrEqual(usage.outputTokens);
    }),
    { numRuns: 1_000 },
  );
});
