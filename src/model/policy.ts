import type { NanoDollars } from "./money.ts";

/** What a rate limit counts. Tokens are charged by estimate before a call and corrected by the truth after it. */
export type LimitedUnit = "requests" | "tokens" | "input-tokens" | "output-tokens";

/** At most `limit` units in any window of that length. */
export interface RateLimit {
  readonly unit: LimitedUnit;
  readonly limit: number;
  readonly per: "second" | "minute" | "hour" | "day";
}

/** The stretch of time that a budget is for. A call counts for the window in which it was admitted. */
export type BudgetWindow =
  /** `timeZone` is an IANA name; weeks begin on Monday. */
  | { readonly kind: "calendar"; readonly per: "day" | "week" | "month"; readonly timeZone: string }
  | { readonly kind: "rolling"; readonly lengthMs: number }
  | { readonly kind: "total" };

/** Money that may be spent. Spent and reserved together never exceed it. */
export interface Budget {
  /** Its name within its policy; a budget that is renamed begins anew. */
  readonly name: string;
  readonly amount: NanoDollars;
  readonly window: BudgetWindow;
  /** Shares of the amount, in percent, at which whoever owns it is told. */
  readonly alertPercents: readonly number[];
}

/** Whether prompts and answers are kept with the request log. */
export interface BodyRecording {
  /** Of each body, at most this much is kept. */
  readonly maxBytes: number;
  readonly keepDays: number;
}

/**
 * What a project, a virtual key or a browser token may do. Absent members grant everything. All the policies over a
 * call hold at once, so a key never exceeds its project, nor a token its key.
 */
export interface Policy {
  /** Patterns of `provider/model` or of aliases, `*` for any run of characters. */
  readonly models?: readonly string[];
  readonly providers?: readonly string[];
  readonly regions?: readonly string[];
  readonly operations?: readonly string[];
  readonly maxOutputTokens?: number;
  readonly maxConcurrent?: number;
  readonly rateLimits?: readonly RateLimit[];
  readonly budgets?: readonly Budget[];
  /**
   * Web origins whose pages may use it: a request that says where it comes from must come from one of them. Absent
   * leaves that to the wider policies, and in the end to the gateway's configuration.
   */
  readonly origins?: readonly string[];
  readonly recording?: BodyRecording;
}

/** Whether what calls cost is counted under a policy. */
export function hasBudget({ policy: { budgets } }: ScopedPolicy): boolean {
  return budgets !== undefined && budgets.length > 0;
}

/** A policy and whose it is: what is counted against it is counted under this name. */
export interface ScopedPolicy {
  readonly scope: "project" | "key" | "token";
  /** The project's name, the key's id, or the token's id. */
  readonly id: string;
  readonly policy: Policy;
  /** Milliseconds since 1970 from which on nothing is counted under it any more; absent where there is no such moment. */
  readonly endsAtMs?: number;
}
