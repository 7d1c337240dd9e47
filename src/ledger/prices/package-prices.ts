import type { ConditionalPrice, ModelInfo, ModelPrice } from "@pydantic/genai-prices";
import { nearestNanoDollars } from "./decimal.ts";
import { bandsOf, type Price, type PricedUnit, type Rate } from "./price.ts";
import { constantPrice, type DatedPrice, type PriceCondition, type PriceSchedule } from "./price-schedule.ts";

interface SourceKey {
  readonly unit: PricedUnit;
  /** How many units the package's price is for. */
  readonly per: bigint;
}

const MILLION = 1_000_000n;
const THOUSAND = 1_000n;

/** The package's names of prices, and ours. A later name of the same unit is more special and wins. */
const SOURCE_KEYS: ReadonlyMap<string, SourceKey> = new Map<string, SourceKey>([
  ["input_mtok", { unit: "input", per: MILLION }],
  ["cache_read_mtok", { unit: "cachedInput", per: MILLION }],
  ["cache_write_mtok", { unit: "cacheWrite5m", per: MILLION }],
  ["cache_write_5m_mtok", { unit: "cacheWrite5m", per: MILLION }],
  ["cache_write_1h_mtok", { unit: "cacheWrite1h", per: MILLION }],
  ["input_audio_mtok", { unit: "inputAudio", per: MILLION }],
  ["cache_audio_read_mtok", { unit: "cachedInputAudio", per: MILLION }],
  ["input_image_mtok", { unit: "inputImage", per: MILLION }],
  ["output_mtok", { unit: "output", per: MILLION }],
  ["output_reasoning_mtok", { unit: "reasoning", per: MILLION }],
  ["output_audio_mtok", { unit: "outputAudio", per: MILLION }],
  ["requests_kcount", { unit: "request", per: THOUSAND }],
  ["web_searches_kcount", { unit: "toolCall", per: THOUSAND }],
]);

/** A model's prices as the package has them, in our units. Empty where it is sold by units that we don't count. */
export function scheduleOf(model: ModelInfo): PriceSchedule {
  if (!Array.isArray(model.prices)) {
    const price = convertPrice(model.prices);
    return price === undefined ? [] : constantPrice(price);
  }
  return model.prices.flatMap((conditional): DatedPrice[] => {
    const price = convertPrice(conditional.prices);
    return price === undefined
      ? []
      : [{ condition: convertCondition(conditional), price, bands: bandsOf(price) }];
  });
}

/**
 * An empty price means free. One that has neither input nor output nor requests is sold by the hour, page or message,
 * which no usage tells: better no price than zero.
 */
function convertPrice(source: ModelPrice): Price | undefined {
  const price: { [Unit in PricedUnit]?: Rate } = {};
  for (const [name, { unit, per }] of SOURCE_KEYS) {
    const value = source[name];
    if (value !== undefined) price[unit] = convertRate(value, per);
  }
  if (Object.keys(source).length === 0) return { input: FREE, output: FREE };
  return price.input || price.output || price.request ? price : undefined;
}

const FREE: Rate = { base: 0n, tiers: [] };

function convertRate(value: NonNullable<ModelPrice[string]>, per: bigint): Rate {
  const scale = (dollars: number) => nearestNanoDollars(dollars) * (MILLION / per);
  if (typeof value === "number") return { base: scale(value), tiers: [] };
  const tiers = value.tiers.map(({ start, price }) => ({ start, rate: scale(price) }));
  return { base: scale(value.base), tiers: tiers.sort((left, right) => left.start - right.start) };
}

function convertCondition({ constraint }: ConditionalPrice): PriceCondition {
  if (constraint === undefined) return { kind: "always" };
  if (constraint.type === "start_date")
    return { kind: "from", startMs: Date.parse(`${constraint.start_date}T00:00:00Z`) };
  return {
    kind: "daily",
    startS: secondsOfDay(constraint.start_time),
    endS: secondsOfDay(constraint.end_time),
  };
}

/** `00:30:00Z` or `08:30:00+08:00` as seconds since midnight UTC. */
function secondsOfDay(time: string): number {
  return (Date.parse(`1970-01-02T${time}`) / 1000) % 86_400;
}
