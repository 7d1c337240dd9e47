import fc from "fast-check";
import type { Price, Rate } from "../../src/ledger/prices/price.ts";
import { PRICED_UNITS, type PricedUnit } from "../../src/ledger/prices/units.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";

const anyAmount = fc.bigInt({ min: 0n, max: 600_000_000_000n });

/** Flat, or with up to two steps. */
export const anyRate: fc.Arbitrary<Rate> = fc.record({
  base: anyAmount,
  tiers: fc
    .uniqueArray(fc.constantFrom(1_000, 200_000, 271_999), { maxLength: 2 })
    .chain((starts) =>
      fc.tuple(
        ...starts
          .sort((left, right) => left - right)
          .map((start) => anyAmount.map((rate) => ({ start, rate }))),
      ),
    ),
});

/** Any units may have a price; input and output always do. */
export const anyPrice: fc.Arbitrary<Price> = fc.record(
  Object.fromEntries(PRICED_UNITS.map((unit) => [unit, anyRate])),
  { requiredKeys: ["input", "output"] },
);

/** A factor of a service tier, as an exact decimal. */
export const anyFactor = fc.constantFrom("0.5", "1", "2.5", "0.333", "1.75", "0", "0.000000001");

/** How many there are of each unit, none counted twice. */
export type Parts = { readonly [Unit in PricedUnit]: number };

const tokens = fc.integer({ min: 0, max: 300_000 });
const calls = fc.integer({ min: 0, max: 50 });
const FEES: readonly PricedUnit[] = ["webSearch", "fileSearch", "codeExecution", "socialSearch", "toolCall"];

/** Counts of each unit of one request. */
export const anyParts: fc.Arbitrary<Parts> = fc.record(
  Object.fromEntries(
    PRICED_UNITS.map((unit) => [
      unit,
      unit === "request" ? fc.constant(1) : FEES.includes(unit) ? calls : tokens,
    ]),
  ) as { [Unit in PricedUnit]: fc.Arbitrary<number> },
);

/** What a provider reports where its answer came to these parts: wholes that include them, everything told. */
export function usageOf(parts: Parts): Usage {
  const { cachedInput, cachedInputAudio, cachedInputImage, cacheWrite5m, cacheWrite1h } = parts;
  const { webSearch, fileSearch, codeExecution, socialSearch } = parts;
  const cached = cachedInput + cachedInputAudio + cachedInputImage;
  const inputs = parts.input + parts.inputAudio + parts.inputImage + parts.inputVideo;
  const outputs = parts.outputAudio + parts.outputImage + parts.outputVideo;
  return {
    ...NO_USAGE,
    inputTokens: inputs + cached + cacheWrite5m + cacheWrite1h,
    cachedInputTokens: cached,
    cacheWrite5mTokens: cacheWrite5m,
    cacheWrite1hTokens: cacheWrite1h,
    inputAudioTokens: parts.inputAudio + cachedInputAudio,
    cachedInputAudioTokens: cachedInputAudio,
    inputImageTokens: parts.inputImage + cachedInputImage,
    cachedInputImageTokens: cachedInputImage,
    inputVideoTokens: parts.inputVideo,
    outputTokens: parts.output + parts.reasoning + outputs,
    reasoningTokens: parts.reasoning,
    outputAudioTokens: parts.outputAudio,
    outputImageTokens: parts.outputImage,
    outputVideoTokens: parts.outputVideo,
    billedToolCalls: webSearch + fileSearch + codeExecution + socialSearch + parts.toolCall,
    billedTools: { webSearch, fileSearch, codeExecution, socialSearch },
    source: "reported",
  };
}

const anything = fc.oneof(
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.constantFrom(-5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER),
);

/** A usage in which parts may claim more than their whole, and counts be none. */
export const anyUsage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: anything,
  cachedInputTokens: anything,
  cacheWrite5mTokens: anything,
  cacheWrite1hTokens: anything,
  inputAudioTokens: anything,
  cachedInputAudioTokens: anything,
  inputImageTokens: anything,
  cachedInputImageTokens: anything,
  inputVideoTokens: anything,
  outputTokens: anything,
  reasoningTokens: anything,
  outputAudioTokens: anything,
  outputImageTokens: anything,
  outputVideoTokens: anything,
  billedToolCalls: anything,
  billedTools: fc.record({
    webSearch: anything,
    fileSearch: anything,
    codeExecution: anything,
    socialSearch: anything,
  }),
  source: fc.constantFrom("reported", "estimated"),
});
