import { exactNanoDollars } from "./decimal.ts";
import type { PricedUnit } from "./units.ts";

/** An amount of dollars as it is written; a number counts as the shortest decimal that means it. */
export type Dollars = string | number;

type TokenSetting =
  | "input"
  | "output"
  | "cached_input"
  | "cache_write"
  | "cache_write_1h"
  | "input_audio"
  | "cached_input_audio"
  | "input_image"
  | "cached_input_image"
  | "input_video"
  | "output_audio"
  | "output_image"
  | "output_video"
  | "reasoning";

type FeeSetting = "per_request" | "per_tool_call";

type ToolSetting = "web_search" | "file_search" | "code_execution" | "social_search";

type Stated<Setting extends string> = { readonly [Name in Setting]?: Dollars | undefined };

/**
 * Rates that an operator states: tokens in dollars per million, `per_request`, `per_tool_call` and `tools` in dollars
 * for each. A part without a price of its own is charged like the whole that it belongs to.
 */
export interface StatedRates extends Stated<TokenSetting>, Stated<FeeSetting> {
  readonly tools?: Stated<ToolSetting> | undefined;
}

const TOKEN_UNITS: { readonly [Setting in TokenSetting]: PricedUnit } = {
  input: "input",
  output: "output",
  cached_input: "cachedInput",
  cache_write: "cacheWrite5m",
  cache_write_1h: "cacheWrite1h",
  input_audio: "inputAudio",
  cached_input_audio: "cachedInputAudio",
  input_image: "inputImage",
  cached_input_image: "cachedInputImage",
  input_video: "inputVideo",
  output_audio: "outputAudio",
  output_image: "outputImage",
  output_video: "outputVideo",
  reasoning: "reasoning",
};

const FEE_UNITS: { readonly [Setting in FeeSetting]: PricedUnit } = {
  per_request: "request",
  per_tool_call: "toolCall",
};

const TOOL_UNITS: { readonly [Setting in ToolSetting]: PricedUnit } = {
  web_search: "webSearch",
  file_search: "fileSearch",
  code_execution: "codeExecution",
  social_search: "socialSearch",
};

const MILLION = 1_000_000n;

/** The rates that are stated, in nano-dollars per million. Throws RangeError on what is not a decimal of dollars. */
export function statedRates({ tools = {}, ...rates }: StatedRates): ReadonlyMap<PricedUnit, bigint> {
  return new Map([
    ...ratesOf(rates, TOKEN_UNITS, 1n),
    ...ratesOf(rates, FEE_UNITS, MILLION),
    ...ratesOf(tools, TOOL_UNITS, MILLION),
  ]);
}

/** `scale`: how many of what a price is stated for make a million. */
function ratesOf(
  stated: { readonly [setting: string]: Dollars | undefined },
  units: { readonly [setting: string]: PricedUnit },
  scale: bigint,
): (readonly [PricedUnit, bigint])[] {
  return Object.entries(units).flatMap(([setting, unit]) => {
    const dollars = stated[setting];
    return dollars === undefined ? [] : [[unit, exactNanoDollars(dollars) * scale] as const];
  });
}
