/** When a price holds: from a moment on, up to one, or daily between two times (in seconds since midnight UTC). */
export type PriceCondition =
  | { readonly kind: "from"; readonly startMs: number }
  | { readonly kind: "until"; readonly endMs: number }
  | { readonly kind: "daily"; readonly startS: number; readonly endS: number };

/** Something that holds while all its conditions do. */
export interface Dated {
  readonly conditions: readonly PriceCondition[];
}

/** The prices of one model. Where several hold at a moment the last counts; there may be none. */
export type PriceSchedule<DatedPrice extends Dated> = readonly DatedPrice[];

/** What holds at a moment, in milliseconds since 1970. */
export function priceAt<DatedPrice extends Dated>(
  schedule: PriceSchedule<DatedPrice>,
  atMs: number,
): DatedPrice | undefined {
  for (let index = schedule.length - 1; index >= 0; index--) {
    const dated = schedule[index];
    if (dated !== undefined && hold(dated.conditions, atMs)) return dated;
  }
  return undefined;
}

function hold(conditions: readonly PriceCondition[], atMs: number): boolean {
  for (const condition of conditions) if (!holds(condition, atMs)) return false;
  return true;
}

const DAY_S = 86_400;

function holds(condition: PriceCondition, atMs: number): boolean {
  switch (condition.kind) {
    case "from":
      return atMs >= condition.startMs;
    case "until":
      return atMs < condition.endMs;
    case "daily": {
      const { startS, endS } = condition;
      const timeS = (atMs / 1000) % DAY_S;
      return endS < startS ? timeS >= startS || timeS < endS : timeS >= startS && timeS < endS;
    }
  }
}
