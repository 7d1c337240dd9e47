import { exactNanoDollars } from "./decimal.ts";
import type { Price, PricedUnit, Rate } from "./price.ts";

type Dollars = string | number;

/**
 * A price that an operator states, in dollars per million tokens (`per_request`, `per_tool_call`: per one). A part
 * without a price of its own is charged like the whole that it belongs to.
 */
export interface PriceOverride {
  readonly input: Dollars;
  readonly output: Dollars;
  readonly cached_input?: Dollars | undefined;
  readonly cache_write?: Dollars | undefined;
  readonly cache_write_1h?: Dollars | undefined;
  readonly input_audio?: Dollars | undefined;
  readonly input_image?: Dollars | undefined;
  readonly output_audio?: Dollars | undefined;
  readonly reasoning?: Dollars | undefined;
  readonly per_request?: Dollars | undefined;
  readonly per_tool_call?: Dollars | undefined;
}

const MILLION = 1_000_000n;

/** Each setting: the unit that it prices, and how many of the units that it states a price for make a million. */
const SETTINGS: { readonly [Setting in keyof PriceOverride]-?: readonly [PricedUnit, bigint] } = {
  input: ["input", 1n],
  output: ["output", 1n],
  cached_input: ["cachedInput", 1n],
  cache_write: ["cacheWrite5m", 1n],
  cache_write_1h: ["cacheWrite1h", 1n],
  input_audio: ["inputAudio", 1n],
  input_image: ["inputImage", 1n],
  output_audio: ["outputAudio", 1n],
  reasoning: ["reasoning", 1n],
  per_request: ["request", MILLION],
  per_tool_call: ["toolCall", MILLION],
};

/** A stated price in our units. Throws RangeError on what is not a decimal of dollars. */
export function overridePrice(override: PriceOverride): Price {
  const price: { [Unit in PricedUnit]?: Rate } = {};
  for (const setting of settingNames) {
    const dollars = override[setting];
    if (dollars === undefined) continue;
    const [unit, scale] = SETTINGS[setting];
    price[unit] = { base: exactNanoDollars(dollars) * scale, tiers: [] };
  }
  return price;
}

const settingNames = [
  "input",
  "output",
  "cached_input",
  "cache_write",
  "cache_write_1h",
  "input_audio",
  "input_image",
  "output_audio",
  "reasoning",
  "per_request",
  "per_tool_call",
] as const satisfies readonly (keyof PriceOverride)[];
