import { parseDollars } from "../../model/money.ts";
import type { Budget, BudgetWindow, LimitedUnit, Policy, RateLimit } from "../../model/policy.ts";
import { type PolicyDocument, policyDocument } from "./policy-schema.ts";

const HOUR_MS = 3_600_000;

type DocumentUnit = NonNullable<PolicyDocument["rate_limits"]>[number]["unit"];
type DocumentBudget = NonNullable<PolicyDocument["budgets"]>[number];

const UNITS: { readonly [Unit in DocumentUnit]: LimitedUnit } = {
  requests: "requests",
  tokens: "tokens",
  input_tokens: "input-tokens",
  output_tokens: "output-tokens",
};

/** A policy's meaning, from its document. */
export function readPolicy(document: PolicyDocument): Policy {
  const { models, providers, regions, operations, origins, recording } = document;
  return Object.freeze({
    ...(models === undefined ? {} : { models }),
    ...(providers === undefined ? {} : { providers }),
    ...(regions === undefined ? {} : { regions }),
    ...(operations === undefined ? {} : { operations }),
    ...(document.max_output_tokens === undefined ? {} : { maxOutputTokens: document.max_output_tokens }),
    ...(document.max_concurrent === undefined ? {} : { maxConcurrent: document.max_concurrent }),
    ...(document.rate_limits === undefined ? {} : { rateLimits: document.rate_limits.map(rateLimit) }),
    ...(document.budgets === undefined ? {} : { budgets: document.budgets.map(budget) }),
    ...(origins === undefined ? {} : { origins }),
    ...(recording === undefined
      ? {}
      : { recording: { maxBytes: recording.max_bytes, keepDays: recording.keep_days } }),
  });
}

/** What is stored and can't be read must not open a door: it allows no model at all. */
const ALLOWS_NOTHING: Policy = Object.freeze({ models: [] });

/** The policy in a row of the store. */
export function storedPolicy(text: string): Policy {
  const document = storedDocument(text);
  return document === undefined ? ALLOWS_NOTHING : readPolicy(document);
}

/** The document in a row of the store; undefined where it can't be read, as after a step back to an older version. */
export function storedDocument(text: string): PolicyDocument | undefined {
  try {
    return policyDocument.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function rateLimit({ unit, limit, per }: NonNullable<PolicyDocument["rate_limits"]>[number]): RateLimit {
  return { unit: UNITS[unit], limit, per };
}

function budget({ name, amount_usd, window, alert_percents }: DocumentBudget): Budget {
  return {
    name,
    amount: parseDollars(amount_usd),
    window: budgetWindow(window),
    alertPercents: alert_percents,
  };
}

function budgetWindow(window: DocumentBudget["window"]): BudgetWindow {
  switch (window.kind) {
    case "calendar":
      return { kind: "calendar", per: window.per, timeZone: window.time_zone };
    case "rolling":
      return { kind: "rolling", lengthMs: window.hours * HOUR_MS };
    case "total":
      return { kind: "total" };
  }
}
