import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { ModelPrice } from "./model-price.ts";
import type { PriceSheet } from "./price-sheet.ts";
import { PRICED_UNITS, type PricedUnit } from "./units.ts";

/** Kinds of tokens that only some calls have. */
export type SpecialPart =
  | "cacheWrite1h"
  | "inputAudio"
  | "inputImage"
  | "inputVideo"
  | "outputAudio"
  | "outputImage"
  | "outputVideo";

/** What a call may use, as far as it is known before it is made. */
export interface ExpectedUse {
  /** At least as many as the prompt will turn out to have. */
  readonly inputTokensHigh: number;
  /**
   * What else than text the call may hold, and `cacheWrite1h` where it asks for that. Absent: text alone, which the
   * provider may write to its cache for 5 minutes.
   */
  readonly parts?: readonly SpecialPart[];
  /** Tool calls that may be billed, each taken for the dearest kind. Absent: none. */
  readonly toolCalls?: number;
}

/** The same with the output that is asked about. */
export interface ExpectedCall extends ExpectedUse {
  readonly outputTokens: number;
}

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * The most that a call can cost, rounded up: nothing is cached, every token is of the dearest kind that the call may
 * hold, and the request falls into the dearest band of size that it may fall into. Undefined where tokens that it may
 * use have no price. Pure.
 */
export function estimateCost(price: Pick<ModelPrice, "bands">, call: ExpectedCall): NanoDollars | undefined {
  const dearest = dearestRates(price, call);
  if (dearest === undefined) return undefined;
  const output = tokenCount(call.outputTokens);
  if (output > 0n && dearest.output === undefined) return undefined;
  const sum = dearest.fixed + output * (dearest.output ?? 0n);
  const amount = (sum + dearest.divisor - 1n) / dearest.divisor;
  return nanoDollars(Number(amount < LARGEST ? amount : LARGEST));
}

/**
 * How many output tokens an amount pays for beside the input: the most for which `estimateCost` does not exceed it,
 * `Number.MAX_SAFE_INTEGER` where output costs nothing. Undefined where the amount does not pay for the input, or what
 * the call may use has no price. Pure.
 */
export function affordableOutputTokens(
  price: Pick<ModelPrice, "bands">,
  amount: NanoDollars | bigint,
  use: ExpectedUse,
): number | undefined {
  const dearest = dearestRates(price, use);
  if (dearest?.output === undefined) return undefined;
  const left = BigInt(amount) * dearest.divisor - dearest.fixed;
  if (left < 0n) return undefined;
  if (dearest.output === 0n) return Number.MAX_SAFE_INTEGER;
  const tokens = left / dearest.output;
  return Number(tokens < LARGEST ? tokens : LARGEST);
}

/** Amounts in nano-dollars times `divisor`. */
interface DearestRates {
  readonly divisor: bigint;
  /** Input, request and tool calls together. */
  readonly fixed: bigint;
  /** Of one output token; undefined where output has no price. */
  readonly output: bigint | undefined;
}

function dearestRates({ bands }: Pick<ModelPrice, "bands">, use: ExpectedUse): DearestRates | undefined {
  const input = tokenCount(use.inputTokensHigh);
  const sheets = bands.flatMap(({ above, sheet }) => (above < 0 || BigInt(above) < input ? [sheet] : []));
  const parts = use.parts ?? NO_PARTS;
  const inputRate = dearestOf(sheets, [...INPUT, ...parts.flatMap((part) => INPUT_PARTS[part] ?? [])]);
  const [first] = sheets;
  if (first === undefined || (input > 0n && inputRate === undefined)) return undefined;
  const toolCalls = tokenCount(use.toolCalls ?? 0);
  return {
    divisor: first.divisor,
    fixed:
      input * (inputRate ?? 0n) +
      (dearestOf(sheets, REQUEST) ?? 0n) +
      (toolCalls === 0n ? 0n : toolCalls * (dearestOf(sheets, TOOLS) ?? 0n)),
    output: dearestOf(sheets, [...OUTPUT, ...parts.flatMap((part) => OUTPUT_PARTS[part] ?? [])]),
  };
}

const NO_PARTS: readonly SpecialPart[] = [];
const indexes = (...units: PricedUnit[]): number[] => units.map((unit) => PRICED_UNITS.indexOf(unit));

/** What the tokens of any call may be, as indexes of `PRICED_UNITS`. A cache hit is here for prices that punish one. */
const INPUT = indexes("input", "cachedInput", "cacheWrite5m");
const OUTPUT = indexes("output", "reasoning");
const REQUEST = indexes("request");
const TOOLS = indexes("webSearch", "fileSearch", "codeExecution", "socialSearch", "toolCall");

/** What they may be besides, where the call holds such parts. */
const INPUT_PARTS: { readonly [Part in SpecialPart]?: readonly number[] } = {
  cacheWrite1h: indexes("cacheWrite1h"),
  inputAudio: indexes("inputAudio", "cachedInputAudio"),
  inputImage: indexes("inputImage", "cachedInputImage"),
  inputVideo: indexes("inputVideo"),
};
const OUTPUT_PARTS: { readonly [Part in SpecialPart]?: readonly number[] } = {
  outputAudio: indexes("outputAudio"),
  outputImage: indexes("outputImage"),
  outputVideo: indexes("outputVideo"),
};

/** The highest rate of some units over the bands of size; undefined where none of them has one. */
function dearestOf(sheets: readonly PriceSheet[], units: readonly number[]): bigint | undefined {
  let dearest: bigint | undefined;
  for (const { scaled } of sheets) {
    for (const unit of units) {
      const rate = scaled[unit];
      if (rate !== undefined && (dearest === undefined || rate > dearest)) dearest = rate;
    }
  }
  return dearest;
}

function tokenCount(tokens: number): bigint {
  if (!(tokens > 0)) return 0n;
  return tokens <= Number.MAX_SAFE_INTEGER ? BigInt(Math.ceil(tokens)) : LARGEST;
}
