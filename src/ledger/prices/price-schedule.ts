import { type Band, bandsOf, type Price } from "./price.ts";

/** When a price holds: from a day on, or daily between two times (in seconds since midnight UTC). */
export type PriceCondition =
  | { readonly kind: "always" }
  | { readonly kind: "from"; readonly startMs: number }
  | { readonly kind: "daily"; readonly startS: number; readonly endS: number };

/** A price and when it holds. */
export interface DatedPrice {
  readonly condition: PriceCondition;
  readonly price: Price;
  readonly bands: readonly Band[];
}

/** The prices of one model. Where several hold at a moment the last counts; where none does, the first. */
export type PriceSchedule = readonly DatedPrice[];

/** A price that always holds. */
export function constantPrice(price: Price): PriceSchedule {
  return [{ condition: { kind: "always" }, price, bands: bandsOf(price) }];
}

/** The price at a moment, in milliseconds since 1970; undefined for an empty schedule. */
export function priceAt(schedule: PriceSchedule, atMs: number): DatedPrice | undefined {
  if (schedule.length === 1) return schedule[0];
  return schedule.findLast(({ condition }) => holds(condition, atMs)) ?? schedule[0];
}

const DAY_S = 86_400;

function holds(condition: PriceCondition, atMs: number): boolean {
  if (condition.kind === "always") return true;
  if (condition.kind === "from") return atMs >= condition.startMs;
  const { startS, endS } = condition;
  const timeS = (atMs / 1000) % DAY_S;
  return endS < startS ? timeS >= startS || timeS < endS : timeS >= startS && timeS < endS;
}
