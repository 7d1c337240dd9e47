import { formatDollars } from "../../model/money.ts";
import type { Budget, BudgetWindow, LimitedUnit, Policy, RateLimit } from "../../model/policy.ts";
import type { PolicyDocument } from "./policy-schema.ts";

const HOUR_MS = 3_600_000;

type DocumentBudget = NonNullable<PolicyDocument["budgets"]>[number];
type DocumentRateLimit = NonNullable<PolicyDocument["rate_limits"]>[number];

const UNITS: { readonly [Unit in LimitedUnit]: DocumentRateLimit["unit"] } = {
  requests: "requests",
  tokens: "tokens",
  "input-tokens": "input_tokens",
  "output-tokens": "output_tokens",
};

/** A policy's one document: amounts as exact decimals, every default written out. */
export function writePolicy(policy: Policy): PolicyDocument {
  const { models, providers, regions, operations, rateLimits, budgets, origins, recording } = policy;
  return {
    ...(models === undefined ? {} : { models: [...models] }),
    ...(providers === undefined ? {} : { providers: [...providers] }),
    ...(regions === undefined ? {} : { regions: [...regions] }),
    ...(operations === undefined ? {} : { operations: [...operations] }),
    ...(policy.maxOutputTokens === undefined ? {} : { max_output_tokens: policy.maxOutputTokens }),
    ...(policy.maxConcurrent === undefined ? {} : { max_concurrent: policy.maxConcurrent }),
    ...(rateLimits === undefined ? {} : { rate_limits: rateLimits.map(writeRateLimit) }),
    ...(budgets === undefined ? {} : { budgets: budgets.map(writeBudget) }),
    ...(origins === undefined ? {} : { origins: [...origins] }),
    ...(recording === undefined
      ? {}
      : { recording: { max_bytes: recording.maxBytes, keep_days: recording.keepDays } }),
  };
}

/** A rate limit as documents write it. */
export function writeRateLimit({ unit, limit, per }: RateLimit): DocumentRateLimit {
  return { unit: UNITS[unit], limit, per };
}

/** A budget as documents write it. */
export function writeBudget({ name, amount, window, alertPercents }: Budget): DocumentBudget & {
  amount_usd: string;
} {
  return {
    name,
    amount_usd: formatDollars(amount),
    window: writeWindow(window),
    alert_percents: [...alertPercents],
  };
}

function writeWindow(window: BudgetWindow): DocumentBudget["window"] {
  switch (window.kind) {
    case "calendar":
      return { kind: "calendar", per: window.per, time_zone: window.timeZone };
    case "rolling":
      return { kind: "rolling", hours: window.lengthMs / HOUR_MS };
    case "total":
      return { kind: "total" };
  }
}
