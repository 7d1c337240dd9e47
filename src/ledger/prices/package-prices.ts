import type { ConditionalPrice, ModelInfo, ModelPrice } from "@pydantic/genai-prices";
import { nearestNanoDollars } from "./decimal.ts";
import { FREE_PRICE, flatRate, type Price, type Rate } from "./price.ts";
import type { Dated, PriceCondition, PriceSchedule } from "./price-schedule.ts";
import type { PricedUnit } from "./units.ts";

/** A price of the price data and when it holds. */
export interface DataPrice extends Dated {
  /** Undefined where the model is sold by units that nobody counts here. */
  readonly price: Price | undefined;
  /** What the data has a price for besides, and nobody counts here: its own names. */
  readonly uncounted: readonly string[];
}

interface SourceKey {
  readonly unit: PricedUnit;
  /** How many units the package's price is for. */
  readonly per: bigint;
}

const MILLION = 1_000_000n;
const THOUSAND = 1_000n;

/**
 * The package's names of prices that are counted here, and ours. Its names say what they are for, `_mtok` a million
 * tokens and `_kcount` a thousand of something
 * (https://github.com/pydantic/genai-prices/blob/main/prices/units.yml). A later name of the same unit is more
 * special and wins.
 */
const SOURCE_KEYS: ReadonlyMap<string, SourceKey> = new Map<string, SourceKey>([
  ["input_mtok", { unit: "input", per: MILLION }],
  ["cache_read_mtok", { unit: "cachedInput", per: MILLION }],
  ["cache_write_mtok", { unit: "cacheWrite5m", per: MILLION }],
  ["cache_write_5m_mtok", { unit: "cacheWrite5m", per: MILLION }],
  ["cache_write_1h_mtok", { unit: "cacheWrite1h", per: MILLION }],
  ["input_audio_mtok", { unit: "inputAudio", per: MILLION }],
  ["cache_audio_read_mtok", { unit: "cachedInputAudio", per: MILLION }],
  ["input_image_mtok", { unit: "inputImage", per: MILLION }],
  ["cache_image_read_mtok", { unit: "cachedInputImage", per: MILLION }],
  ["input_video_mtok", { unit: "inputVideo", per: MILLION }],
  ["output_mtok", { unit: "output", per: MILLION }],
  ["output_reasoning_mtok", { unit: "reasoning", per: MILLION }],
  ["output_audio_mtok", { unit: "outputAudio", per: MILLION }],
  ["output_image_mtok", { unit: "outputImage", per: MILLION }],
  ["output_video_mtok", { unit: "outputVideo", per: MILLION }],
  ["requests_kcount", { unit: "request", per: THOUSAND }],
  ["web_searches_kcount", { unit: "webSearch", per: THOUSAND }],
  ["storage_searches_kcount", { unit: "fileSearch", per: THOUSAND }],
  ["code_executions_kcount", { unit: "codeExecution", per: THOUSAND }],
  ["social_searches_kcount", { unit: "socialSearch", per: THOUSAND }],
]);

/**
 * Tokens that are counted as part of others: nothing is missing while they cost the same. Citation tokens are billed
 * beside the prompt and read as input (Perplexity's deep research).
 */
const COUNTED_WITHIN: ReadonlyMap<string, string> = new Map([["output_citation_mtok", "input_mtok"]]);

/** A model's prices as the package has them, in our units. Where none of them holds, the first does. */
export function scheduleOf(model: ModelInfo): PriceSchedule<DataPrice> {
  if (!Array.isArray(model.prices)) return [dataPrice(model.prices, [])];
  return model.prices.map((conditional, index) =>
    dataPrice(conditional.prices, index === 0 ? [] : conditionsOf(conditional)),
  );
}

function dataPrice(source: ModelPrice, conditions: readonly PriceCondition[]): DataPrice {
  return { conditions, price: convertPrice(source), uncounted: uncountedOf(source) };
}

/**
 * An empty price means free. One that has neither input nor output nor requests is sold by the hour, page or message,
 * which no usage tells: better no price than zero.
 */
function convertPrice(source: ModelPrice): Price | undefined {
  if (Object.keys(source).length === 0) return FREE_PRICE;
  const price: { [Unit in PricedUnit]?: Rate } = {};
  for (const [name, { unit, per }] of SOURCE_KEYS) {
    const value = source[name];
    if (value !== undefined) price[unit] = convertRate(value, per);
  }
  return price.input || price.output || price.request ? price : undefined;
}

function uncountedOf(source: ModelPrice): readonly string[] {
  return Object.keys(source).filter((name) => {
    const whole = COUNTED_WITHIN.get(name);
    const isCountedWithin = whole !== undefined && Bun.deepEquals(source[name], source[whole]);
    return source[name] !== undefined && !SOURCE_KEYS.has(name) && !isCountedWithin;
  });
}

/**
 * The package's tiers are thresholds: a request with more input tokens than `start`, the cached ones included, is
 * charged at the tier's rate as a whole, not just for what lies above
 * (https://github.com/pydantic/genai-prices/blob/main/packages/js/src/engine.ts, "threshold-based (cliff) pricing").
 */
function convertRate(value: NonNullable<ModelPrice[string]>, per: bigint): Rate {
  const scale = (dollars: number) => nearestNanoDollars(dollars) * (MILLION / per);
  if (typeof value === "number") return flatRate(scale(value));
  const tiers = value.tiers.map(({ start, price }) => ({ start, rate: scale(price) }));
  return { base: scale(value.base), tiers: tiers.sort((left, right) => left.start - right.start) };
}

function conditionsOf({ constraint }: ConditionalPrice): readonly PriceCondition[] {
  if (constraint === undefined) return [];
  if (constraint.type === "start_date")
    return [{ kind: "from", startMs: Date.parse(`${constraint.start_date}T00:00:00Z`) }];
  const { start_time, end_time } = constraint;
  return [{ kind: "daily", startS: secondsOfDay(start_time), endS: secondsOfDay(end_time) }];
}

/** `00:30:00Z` or `08:30:00+08:00` as seconds since midnight UTC. */
function secondsOfDay(time: string): number {
  return (Date.parse(`1970-01-02T${time}`) / 1000) % 86_400;
}
