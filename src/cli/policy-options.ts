import { readFileSync } from "node:fs";
import type { Command as Program } from "commander";
import { gathered, patternsOf, positive } from "./typed-values.ts";
import { UsageError } from "./usage-error.ts";

/** A policy as it is typed. */
export interface PolicyOptions {
  readonly policy?: string;
  readonly models?: string;
  readonly providers?: string;
  readonly regions?: string;
  readonly operations?: string;
  readonly maxOutputTokens?: string;
  readonly maxConcurrent?: string;
  readonly rate?: readonly string[];
  readonly budget?: readonly string[];
  readonly origins?: string;
  readonly recording?: string;
  readonly clear?: string;
}

/** Adds the options of a policy to a command. Where one is there already, parts of it can be cleared. */
export function addPolicyOptions(command: Program, { mayClear }: { readonly mayClear: boolean }): Program {
  command
    .option("--models <patterns>", "models, comma-separated, * for any run: openai/*,groq/llama-*")
    .option("--providers <patterns>", "providers, comma-separated")
    .option("--regions <patterns>", "regions, comma-separated")
    .option("--operations <patterns>", "operations, comma-separated: chat,embedding")
    .option("--max-output-tokens <n>", "the most that one answer may have")
    .option("--max-concurrent <n>", "how many calls may be in flight")
    .option("--rate <limit>", "100/minute, or `200000 tokens/minute`; may be given again", gathered)
    .option(
      "--budget <budget>",
      "25/month, 5/day@Europe/Berlin, 10/24h, 100/total, or NAME=25/month; may be given again",
      gathered,
    )
    .option("--origins <origins>", "web origins that may use it from a browser, comma-separated")
    .option("--recording <kept>", "keep prompts and answers: 65536/30d, so many bytes of each, so many days")
    .option("--policy <file>", "a JSON file with a policy; - for standard input; other options go over it");
  if (mayClear)
    command.option("--clear <members>", "take members of the policy away: models,budgets,rate_limits,...");
  return command;
}

/** The members of a policy that were typed; undefined where none was. Null takes a member away. */
export function policyOf(options: PolicyOptions): Record<string, unknown> | undefined {
  const policy = {
    ...(options.policy === undefined ? {} : fileOf(options.policy)),
    ...Object.fromEntries((options.clear?.split(",") ?? []).map((member) => [memberName(member), null])),
    ...patterns("models", options.models),
    ...patterns("providers", options.providers),
    ...patterns("regions", options.regions),
    ...patterns("operations", options.operations),
    ...patterns("origins", options.origins),
    ...(options.maxOutputTokens === undefined
      ? {}
      : { max_output_tokens: positive(options.maxOutputTokens) }),
    ...(options.maxConcurrent === undefined ? {} : { max_concurrent: positive(options.maxConcurrent) }),
    ...(options.rate === undefined ? {} : { rate_limits: options.rate.map(rateLimit) }),
    ...(options.budget === undefined ? {} : { budgets: options.budget.map(budget) }),
    ...(options.recording === undefined ? {} : { recording: recording(options.recording) }),
  };
  return Object.keys(policy).length === 0 ? undefined : policy;
}

function patterns(member: string, typed: string | undefined): Record<string, readonly string[]> {
  return typed === undefined ? {} : { [member]: patternsOf(typed) };
}

/** As it is typed elsewhere on the command line, or as the API writes it. */
function memberName(typed: string): string {
  const name = typed.trim().replaceAll("-", "_");
  return { rate: "rate_limits", budget: "budgets" }[name] ?? name;
}

function fileOf(path: string): object {
  const text = readFileSync(path === "-" ? 0 : path, "utf8");
  const mend = 'Write one JSON object: {"models": ["openai/*"], "max_concurrent": 20}.';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    throw new UsageError(`${path} is not valid JSON.`, mend);
  }
  throw new UsageError(`${path} does not hold a policy.`, mend);
}

const RATE = /^(\d+)\s*(requests|tokens|input[-_]tokens|output[-_]tokens)?\s*\/\s*(second|minute|hour|day)$/;

function rateLimit(typed: string): object {
  const [, limit, unit = "requests", per] = RATE.exec(typed.trim()) ?? [];
  if (limit === undefined || per === undefined) {
    throw new UsageError(
      `"${typed}" is no rate.`,
      "Write 100/minute, or with a unit `200000 tokens/minute` (requests, tokens, input-tokens, output-tokens; second, minute, hour, day).",
    );
  }
  return { unit: unit.replaceAll("-", "_"), limit: positive(limit), per };
}

const RECORDING = /^(\d+)\s*\/\s*(\d+)d$/;

function recording(typed: string): object {
  const [, bytes, days] = RECORDING.exec(typed.trim()) ?? [];
  if (bytes !== undefined && days !== undefined)
    return { max_bytes: positive(bytes), keep_days: positive(days) };
  throw new UsageError(
    `"${typed}" does not say what is kept.`,
    "Write bytes of each body and days: 65536/30d.",
  );
}

const BUDGET = /^(?:([^=]+)=)?(\d+(?:\.\d+)?)\/(?:(day|week|month)(?:@(\S+))?|(\d+)h|(total))$/;

function budget(typed: string): object {
  const [, name, amount, per, zone, hours, total] = BUDGET.exec(typed.trim()) ?? [];
  const usual = per ?? (hours === undefined ? total : `${hours}h`);
  if (amount === undefined || usual === undefined) {
    throw new UsageError(
      `"${typed}" is no budget.`,
      "Write dollars and their time: 25/month, 5/day@Europe/Berlin, 10/24h (any 24 hours) or 100/total.",
    );
  }
  return { name: name ?? usual, amount_usd: amount, window: windowOf(per, zone, hours) };
}

function windowOf(per: string | undefined, zone: string | undefined, hours: string | undefined): object {
  if (per !== undefined) return { kind: "calendar", per, ...(zone === undefined ? {} : { time_zone: zone }) };
  return hours === undefined ? { kind: "total" } : { kind: "rolling", hours: positive(hours) };
}
