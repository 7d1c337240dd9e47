import { z } from "zod";
import { parseDollars } from "../../model/money.ts";

/** A pattern of names: `*` stands for any run of characters. */
function patterns(what: string, example: string) {
  const pattern = z
    .string()
    .min(1)
    .max(200)
    .regex(/^\S(?:.*\S)?$/, { error: "must not begin or end with a space" })
    .meta({ mend: `Write a name, or a pattern in which * stands for anything, such as ${example}.` });
  return z
    .array(pattern)
    .min(1)
    .max(100)
    .describe(`${what}; \`*\` stands for any run of characters`)
    .meta({ mend: "Write a list of patterns, or leave it out to allow everything." });
}

function wholeNumber(least: number, most: number, description: string) {
  return z.int().min(least).max(most).describe(description);
}

const AMOUNT_MEND =
  'Write dollars as a decimal from 0 to 9000000 with at most nine decimals: 25, "0.15" or "1000".';
const MAX_DOLLARS = 9_000_000;

/** Dollars, exact to the nano-dollar. */
const amount = z
  .union([
    z
      .string()
      .regex(/^\d{1,7}(\.\d{1,9})?$/, { error: "must be a plain decimal with at most nine decimals" })
      .meta({ mend: AMOUNT_MEND }),
    z.number().min(0).max(MAX_DOLLARS).meta({ mend: AMOUNT_MEND }),
  ])
  .refine(isExactAmount, { error: "must be an amount of at most 9000000 with at most nine decimals" })
  .meta({
    description: "Dollars, exact to the nano-dollar: a decimal as text, or a number",
    mend: AMOUNT_MEND,
  });

function isExactAmount(dollars: string | number): boolean {
  try {
    return parseDollars(dollars) <= parseDollars(MAX_DOLLARS);
  } catch {
    return false;
  }
}

const timeZone = z
  .string()
  .min(1)
  .max(100)
  .refine(isTimeZone, { error: "is not a time zone that is known here" })
  .meta({
    description: "IANA name of the time zone whose midnights count",
    mend: "Write an IANA name such as Europe/Berlin, America/New_York or UTC.",
  });

/** The runtime also takes offsets (`+02:00`), which know no daylight saving and are hardly meant. */
function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const MAX_ROLLING_HOURS = 8784;

const window = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("calendar"),
      per: z.enum(["day", "week", "month"]).describe("Weeks begin on Monday"),
      time_zone: timeZone.default("UTC"),
    }),
    z.strictObject({
      kind: z.literal("rolling"),
      hours: wholeNumber(1, MAX_ROLLING_HOURS, "How far back a call counts, in hours"),
    }),
    z.strictObject({ kind: z.literal("total") }),
  ])
  .meta({
    description: "The stretch of time that the amount is for",
    mend: 'Write {"kind": "calendar", "per": "month", "time_zone": "UTC"}, {"kind": "rolling", "hours": 24} or {"kind": "total"}.',
  });

const USUAL_ALERTS = [50, 80, 100];

const budget = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, { error: "must be a name of up to 64 characters" })
    .meta({
      description: "Its name within this policy; a budget that is renamed begins anew",
      mend: "Write letters, digits, spaces, dots, dashes and underscores, such as monthly.",
    }),
  amount_usd: amount,
  window,
  alert_percents: z
    .array(wholeNumber(1, 100, "Percent of the amount"))
    .max(20)
    .default(USUAL_ALERTS)
    .describe("Shares of the amount at which whoever owns it is told"),
});

const MAX_UNITS = 1_000_000_000_000;

const rateLimit = z.strictObject({
  unit: z
    .enum(["requests", "tokens", "input_tokens", "output_tokens"])
    .describe("What is counted; tokens by estimate before a call, corrected by the truth after it"),
  limit: wholeNumber(1, MAX_UNITS, "How many in any window of that length"),
  per: z.enum(["second", "minute", "hour", "day"]),
});

const origin = z.string().max(300).refine(isWebOrigin, { error: "must be an exact web origin" }).meta({
  mend: "Write scheme, host and port as the browser sends them: https://app.example.com or http://localhost:5173.",
});

function isWebOrigin(written: string): boolean {
  return /^https?:\/\/[^*]+$/.test(written) && URL.canParse(written) && new URL(written).origin === written;
}

const MAX_RECORDED_BYTES = 10 * 1024 * 1024;
const MAX_KEEP_DAYS = 3650;

const recording = z.strictObject({
  max_bytes: wholeNumber(1, MAX_RECORDED_BYTES, "Of each body, at most this much is kept"),
  keep_days: wholeNumber(1, MAX_KEEP_DAYS, "How long bodies are kept, in days"),
});

/** Every member of a policy: all are optional, and what is left out grants everything. */
export const policyMembers = {
  models: patterns("Models that may be used, as `provider/model` or a route's alias", "openai/*"),
  providers: patterns("Providers that may be used", "openai"),
  regions: patterns("Regions that may serve", "eu-*"),
  operations: patterns("Operations that may be asked for", "chat"),
  max_output_tokens: wholeNumber(1, 100_000_000, "The most that one answer may have, in tokens"),
  max_concurrent: wholeNumber(1, 1_000_000, "Calls that may be in flight at once"),
  rate_limits: z
    .array(rateLimit)
    .max(20)
    .refine((limits) => isUnique(limits.map(({ unit, per }) => `${unit}/${per}`)), {
      error: "must not limit the same unit per the same time twice",
    })
    .meta({ description: "Rate limits; all hold at once", mend: "Keep one of the two." }),
  budgets: z
    .array(budget)
    .max(20)
    .refine((budgets) => isUnique(budgets.map(({ name }) => name)), {
      error: "must not hold two budgets of the same name",
    })
    .meta({ description: "Money that may be spent; all hold at once", mend: "Rename one of the two." }),
  origins: z.array(origin).min(1).max(100).meta({
    description: "Web origins that may use it from a browser",
    mend: "Write a list of origins, or leave it out.",
  }),
  recording: recording.describe(
    "That prompts and answers are kept with the request log, and how much of them",
  ),
} as const;

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/** A policy as the administration API, the command line and the store write it. */
export const policyDocument = z
  .strictObject({
    models: policyMembers.models.optional(),
    providers: policyMembers.providers.optional(),
    regions: policyMembers.regions.optional(),
    operations: policyMembers.operations.optional(),
    max_output_tokens: policyMembers.max_output_tokens.optional(),
    max_concurrent: policyMembers.max_concurrent.optional(),
    rate_limits: policyMembers.rate_limits.optional(),
    budgets: policyMembers.budgets.optional(),
    origins: policyMembers.origins.optional(),
    recording: policyMembers.recording.optional(),
  })
  .meta({
    id: "Policy",
    description:
      "What a project or key may do. Members left out grant everything; all policies over a call hold at once.",
  });

export type PolicyDocument = z.output<typeof policyDocument>;
