import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { LimitState } from "../../model/limit-state.ts";
import type { LimitedUnit, RateLimit, ScopedPolicy } from "../../model/policy.ts";
import { SlidingWindow } from "./sliding-window.ts";

const LENGTHS_MS: { readonly [P in RateLimit["per"]]: number } = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** So many windows are counted at most; idle ones are thrown out before that. */
const MAX_WINDOWS = 50_000;
/** Looking for idle ones is dear, so it is not done more often than this. */
const ROOM_PAUSE_MS = 1_000;

/** A window, and when nothing is counted in it any more, since what it is for has ended. */
interface OwnedWindow {
  readonly window: SlidingWindow;
  readonly endsAtMs: number;
}

/** What a call will take, as far as it is known before it is made. */
export interface TakenUnits {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

interface Taken {
  readonly window: SlidingWindow;
  readonly unit: LimitedUnit;
  readonly number: number;
  readonly units: number;
}

const NOTHING_TAKEN: readonly Taken[] = [];

/** What a call took from its limits. */
export class RateHold {
  #taken: readonly Taken[];

  constructor(taken: readonly Taken[]) {
    this.#taken = taken;
  }

  /** The truth about the tokens, once the call is over. A second time changes nothing. */
  settle(actual: TakenUnits): void {
    for (const { window, unit, number, units } of this.#taken) {
      if (unit !== "requests") window.correct(number, unitsOf(unit, actual) - units);
    }
    this.#taken = NOTHING_TAKEN;
  }
}

/** The rate limits of all callers, exact in this process. */
export class RateLimits {
  readonly #windows = new Map<string, OwnedWindow>();
  readonly #maxWindows: number;
  #madeRoomAtMs = Number.NEGATIVE_INFINITY;

  constructor(maxWindows: number = MAX_WINDOWS) {
    this.#maxWindows = maxWindows;
  }

  /**
   * Takes what a call needs from every limit over its caller, from all of them or from none. Throws `rate_limited` with
   * the time after which there is room, and `overloaded` where more limits are being counted than may be.
   */
  take(caller: Caller, wanted: TakenUnits, nowMs: number): RateHold {
    const limits = this.#limitsOf(caller);
    if (limits.length === 0) return new RateHold(NOTHING_TAKEN);
    for (const limit of limits) this.#keep(limit, nowMs);
    let longest: { readonly limit: Limit; readonly waitMs: number } | undefined;
    for (const limit of limits) {
      const waitMs = limit.window.waitMs(unitsOf(limit.rate.unit, wanted), nowMs);
      if (waitMs > (longest?.waitMs ?? 0)) longest = { limit, waitMs };
    }
    if (longest !== undefined) throw refusal(longest.limit, longest.waitMs, wanted, nowMs);
    return new RateHold(
      limits.map(({ window, rate: { unit } }) => {
        const units = unitsOf(unit, wanted);
        return { window, unit, units, number: window.take(units, nowMs) };
      }),
    );
  }

  /** True where a limit over the caller counts tokens: only then must they be estimated. */
  countTokens({ policies }: Caller): boolean {
    return policies.some(limitsTokens);
  }

  /** How the limits over a caller stand: for each unit the one with the least left. */
  states(caller: Caller, nowMs: number): readonly LimitState[] {
    const limits = this.#limitsOf(caller);
    if (limits.length === 0) return NO_STATES;
    const tightest = new Map<LimitedUnit, LimitState>();
    for (const { window, rate } of limits) {
      const remaining = window.remaining(nowMs);
      const known = tightest.get(rate.unit);
      if (known !== undefined && known.remaining <= remaining) continue;
      tightest.set(rate.unit, {
        unit: rate.unit,
        limit: rate.limit,
        remaining,
        resetMs: window.resetMs(nowMs),
      });
    }
    return [...tightest.values()];
  }

  #limitsOf({ policies }: Caller): readonly Limit[] {
    return policies.some(limitsRates) ? policies.flatMap((scoped) => this.#limitsUnder(scoped)) : NO_LIMITS;
  }

  #limitsUnder(scoped: ScopedPolicy): readonly Limit[] {
    return (scoped.policy.rateLimits ?? NO_RATES).map((rate) => {
      const name = `${scoped.scope} ${scoped.id} ${rate.unit} ${rate.per}`;
      return { scoped, rate, name, window: this.#window(name, rate) };
    });
  }

  #window(name: string, { limit, per }: RateLimit): SlidingWindow {
    const known = this.#windows.get(name)?.window;
    if (known === undefined) return new SlidingWindow(limit, LENGTHS_MS[per]);
    known.limit = limit;
    return known;
  }

  /** A window in which something is counted is kept; one that is only looked at is not. */
  #keep({ name, window, scoped }: Limit, nowMs: number): void {
    if (this.#windows.has(name)) return;
    if (this.#windows.size >= this.#maxWindows) this.#makeRoom(nowMs);
    this.#windows.set(name, { window, endsAtMs: scoped.endsAtMs ?? Number.POSITIVE_INFINITY });
  }

  #makeRoom(nowMs: number): void {
    if (nowMs - this.#madeRoomAtMs >= ROOM_PAUSE_MS) {
      this.#madeRoomAtMs = nowMs;
      for (const [name, { window, endsAtMs }] of this.#windows) {
        if (endsAtMs <= nowMs || window.resetMs(nowMs) === 0) this.#windows.delete(name);
      }
    }
    if (this.#windows.size < this.#maxWindows) return;
    throw new GatewayError("overloaded", {
      message: "More rate limits are in use than this gateway counts at once.",
      retryAfterMs: ROOM_PAUSE_MS,
    });
  }
}

interface Limit {
  readonly name: string;
  readonly scoped: ScopedPolicy;
  readonly rate: RateLimit;
  readonly window: SlidingWindow;
}

const NO_STATES: readonly LimitState[] = [];
const NO_LIMITS: readonly Limit[] = [];
const NO_RATES: readonly RateLimit[] = [];

function limitsRates({ policy }: ScopedPolicy): boolean {
  return policy.rateLimits !== undefined;
}

function limitsTokens({ policy }: ScopedPolicy): boolean {
  return policy.rateLimits?.some(({ unit }) => unit !== "requests") === true;
}

function unitsOf(unit: LimitedUnit, { inputTokens, outputTokens }: TakenUnits): number {
  switch (unit) {
    case "requests":
      return 1;
    case "tokens":
      return inputTokens + outputTokens;
    case "input-tokens":
      return inputTokens;
    case "output-tokens":
      return outputTokens;
  }
}

function refusal(
  { scoped, rate, window }: Limit,
  waitMs: number,
  wanted: TakenUnits,
  nowMs: number,
): GatewayError {
  const { unit, limit, per } = rate;
  const whose = `${scoped.scope} "${scoped.id}"`;
  const units = unit.replace("-", " ");
  if (waitMs === Number.POSITIVE_INFINITY) {
    return new GatewayError("rate_limited", {
      message: `This call alone is taken to need ${unitsOf(unit, wanted)} ${units}, more than the ${limit} a ${per} of ${whose}.`,
      mend: "Send a shorter request or a lower bound on the output, or raise the limit.",
    });
  }
  return new GatewayError("rate_limited", {
    message: `The ${whose} may use ${limit} ${units} a ${per}; ${window.remaining(nowMs)} are left, and there is room again in ${Math.ceil(waitMs / 1000)} s.`,
    retryAfterMs: waitMs,
  });
}
