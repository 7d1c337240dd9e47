import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { Usage } from "../../model/usage.ts";
import type { Band, Rates } from "./price.ts";

const UNITS_PER_RATE = 1_000_000n;
const HALF = UNITS_PER_RATE / 2n;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * What one call costs. Each token is charged once, at the rate of the most special part it belongs to; the sum is
 * exact and rounded half up once, at the end. Parts that claim more than their whole are cut to it.
 */
export function costOf(bands: readonly Band[], usage: Usage): NanoDollars {
  const rates = ratesFor(bands, usage.inputTokens);
  if (rates === undefined) return nanoDollars(0);
  const total = inputCost(rates, usage) + outputCost(rates, usage) + callCost(rates, usage);
  const rounded = (total + HALF) / UNITS_PER_RATE;
  return nanoDollars(Number(rounded < LARGEST ? rounded : LARGEST));
}

function ratesFor(bands: readonly Band[], inputTokens: number): Rates | undefined {
  let rates = bands[0]?.rates;
  for (const band of bands) if (inputTokens > band.above) rates = band.rates;
  return rates;
}

/** Input is cached, written to a cache, sound, image, or else plain. Sound may be cached too: see `cachedAudio`. */
function inputCost(rates: Rates, usage: Usage): bigint {
  let rest = count(usage.inputTokens);
  const take = (tokens: number): number => {
    const taken = Math.min(count(tokens), rest);
    rest -= taken;
    return taken;
  };
  const cached = take(usage.cachedInputTokens);
  const written5m = take(usage.cacheWrite5mTokens);
  const written1h = take(usage.cacheWrite1hTokens);
  const audio = take(usage.inputAudioTokens);
  // Nobody reports how much of the sound was cached. What doesn't fit beside the cached tokens must be among them.
  const cachedAudio = Math.min(count(usage.inputAudioTokens) - audio, cached);
  const image = take(usage.inputImageTokens);
  return (
    charge(rest, rates.input) +
    charge(cached - cachedAudio, rates.cachedInput) +
    charge(cachedAudio, rates.cachedInputAudio) +
    charge(written5m, rates.cacheWrite5m) +
    charge(written1h, rates.cacheWrite1h) +
    charge(audio, rates.inputAudio) +
    charge(image, rates.inputImage)
  );
}

function outputCost(rates: Rates, usage: Usage): bigint {
  const output = count(usage.outputTokens);
  const audio = Math.min(count(usage.outputAudioTokens), output);
  const reasoning = Math.min(count(usage.reasoningTokens), output - audio);
  return (
    charge(output - audio - reasoning, rates.output) +
    charge(audio, rates.outputAudio) +
    charge(reasoning, rates.reasoning)
  );
}

function callCost(rates: Rates, usage: Usage): bigint {
  return rates.request + charge(count(usage.billedToolCalls), rates.toolCall);
}

function charge(units: number, rate: bigint): bigint {
  return units === 0 ? 0n : BigInt(units) * rate;
}

/** Counts come from providers: what is no count must neither throw here nor lower a bill. */
function count(reported: number): number {
  return Number.isFinite(reported) && reported > 0 ? Math.ceil(reported) : 0;
}
