import type { Command as Program } from "commander";
import {
  administer,
  exportUsage,
  isUsageGrouping,
  readUsage,
  USAGE_GROUPINGS,
  type UsageView,
} from "../assembly/administration.ts";
import { type Column, textTable } from "./columns.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { exportTable } from "./export-table.ts";
import { momentPast, positive } from "./typed-values.ts";
import { UsageError } from "./usage-error.ts";

/** `gatehouse usage`: what was called, what it cost, how long it took. */
export const usage: Command = {
  name: "usage",
  summary: "what was called, what it cost and how long it took",
  register(program: Program): void {
    program
      .command(usage.name)
      .description(usage.summary)
      .option("--by <columns>", `any of ${USAGE_GROUPINGS.join(", ")}, tag:NAME`, "provider,model,key,day")
      .option("--since <moment>", "from 30m, 24h, 7d ago, or from a date on; whole hours are counted")
      .option("--until <moment>", "up to then")
      .option("--project <name>", "of one project only")
      .option("--key <id>", "of one key only")
      .option("--end-user <name>", "of one end user only; whole days are counted")
      .option("--provider <name>", "of one provider only")
      .option("--model <name>", "of one model only, by the provider's own name of it")
      .option("--operation <name>", "chat, embedding and so on")
      .option("--outcome <outcome>", "ok, failed, interrupted, cancelled or blocked only")
      .option("--error <class>", "of one class of failures, or one code, only")
      .option("--tag <name=value>", "of keys with that tag only")
      .option("--order <order>", "cost (dearest first) or group", "cost")
      .option("--limit <n>", "so many lines at most")
      .option("--csv", "print comma-separated values")
      .option("--json", "print JSON; amounts are exact, in dollars, as texts")
      .action(run);
  },
};

interface UsageOptions {
  readonly by: string;
  readonly since?: string;
  readonly until?: string;
  readonly project?: string;
  readonly key?: string;
  readonly endUser?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly outcome?: string;
  readonly error?: string;
  readonly tag?: string;
  readonly order: string;
  readonly limit?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

async function run(options: UsageOptions): Promise<void> {
  const by = groupingsOf(options.by);
  if (options.csv === true) return exportTable(exportUsage, { ...queryOf(options, by), format: "csv" });
  const { lines, total } = await readLines(queryOf(options, by), options.limit);
  if (options.json === true) return console.log(JSON.stringify({ data: lines, total }, null, 2));
  if (total === null) return console.log(isFiltered(options) ? "No calls match that." : "No calls yet.");
  const rows = lines.map((line) => [...by.map((name) => groupCell(line, name)), ...sumCells(line)]);
  const label = by.map((_, index) => (index === 0 ? "total" : ""));
  process.stdout.write(textTable(columns(by), [...rows, [...label, ...sumCells(total)]]));
}

interface Lines {
  readonly lines: readonly UsageView[];
  readonly total: UsageView | null;
}

const PAGE = 200;

function readLines(query: Query, limit: string | undefined): Promise<Lines> {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : positive(limit);
  return administer(dataFolder(), async (run) => {
    const lines: UsageView[] = [];
    for (let cursor: string | undefined; ; ) {
      const pageLimit = Math.min(PAGE, most - lines.length);
      const page = await run(readUsage, { query: { ...query, limit: pageLimit, cursor } });
      lines.push(...page.data);
      if (page.next_cursor === null || lines.length >= most) return { lines, total: page.total };
      cursor = page.next_cursor;
    }
  });
}

type Query = Readonly<Record<string, string | undefined>>;

function queryOf(options: UsageOptions, by: readonly string[]): Query {
  const nowMs = Date.now();
  return {
    by: by.join(",") || undefined,
    order: options.order,
    since: options.since === undefined ? undefined : momentPast(options.since, nowMs),
    until: options.until === undefined ? undefined : momentPast(options.until, nowMs),
    project: options.project,
    key_id: options.key,
    end_user: options.endUser,
    provider: options.provider,
    model: options.model,
    operation: options.operation,
    outcome: options.outcome,
    error: options.error,
    tag: options.tag?.replace("=", ":"),
  };
}

function isFiltered({
  by: _by,
  order: _order,
  limit: _limit,
  json: _json,
  ...filters
}: UsageOptions): boolean {
  return Object.keys(filters).length > 0;
}

function groupingsOf(text: string): readonly string[] {
  return text.split(",").map((written) => {
    const name = written.trim();
    if (isUsageGrouping(name)) return name;
    throw new UsageError(
      `"${name}" is nothing to group by.`,
      `Write any of ${USAGE_GROUPINGS.join(", ")} and tag:NAME, with commas between.`,
    );
  });
}

const NUMBERS = [
  "calls",
  "errors",
  "in",
  "cached",
  "out",
  "cost $",
  "unpriced",
  "refused",
  "tokens/s",
  "p50 ms",
  "p95 ms",
  "first p50",
  "first p95",
];

function columns(by: readonly string[]): Column[] {
  return [
    ...by.map((heading) => ({ heading, isNumber: false })),
    ...NUMBERS.map((heading) => ({ heading, isNumber: true })),
  ];
}

/** People know keys by their names. */
function groupCell(line: UsageView, name: string): string {
  if (name.startsWith("tag:")) return line.tags?.[name.slice("tag:".length)] ?? "";
  if (name === "key") return line.key_name ?? line.key ?? "";
  const value = Object.entries(line).find(([field]) => field === name)?.[1];
  return typeof value === "string" ? value : "";
}

function sumCells(line: UsageView): string[] {
  const { total_ms, first_token_ms } = line;
  const counts = [line.calls, line.errors, line.input_tokens, line.cached_input_tokens];
  const times = [
    line.output_tokens_per_second,
    total_ms.p50,
    total_ms.p95,
    first_token_ms.p50,
    first_token_ms.p95,
  ];
  return [
    ...[...counts, line.output_tokens].map(String),
    roundedDollars(line.cost_usd),
    String(line.unpriced),
    String(line.refused),
    ...times.map((time) => (time === null ? "" : String(time))),
  ];
}

/** Millionths of a dollar, so that the points of a column stand below each other. */
function roundedDollars(dollars: string): string {
  const [whole = "", fraction = ""] = dollars.split(".");
  const millionths = (BigInt(whole + fraction.padEnd(NANO_DIGITS, "0")) + 500n) / 1000n;
  const digits = String(millionths).padStart(MICRO_DIGITS + 1, "0");
  return `${digits.slice(0, -MICRO_DIGITS)}.${digits.slice(-MICRO_DIGITS)}`;
}

const NANO_DIGITS = 9;
const MICRO_DIGITS = 6;
