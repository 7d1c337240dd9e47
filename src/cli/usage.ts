import { InvalidArgumentError } from "commander";
import {
  readUsage,
  USAGE_GROUPINGS,
  type UsageGrouping,
  type UsageLine,
  type UsageReport,
} from "../assembly/usage.ts";
import { formatDollars } from "../model/money.ts";
import type { Command } from "./command.ts";

interface UsageOptions {
  readonly since?: number;
  readonly until?: number;
  readonly by: readonly UsageGrouping[];
  readonly project?: string;
  readonly provider?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `gatehouse usage`: what was called, what it cost, how long it took. */
export const usage: Command = {
  name: "usage",
  summary: "what was called, what it cost and how long it took",
  register(program) {
    program
      .command(usage.name)
      .description(usage.summary)
      .option("--since <moment>", "from 30m, 24h, 7d ago, or from a date on", parseMoment)
      .option("--until <moment>", "up to then", parseMoment)
      .option("--by <columns>", `any of ${USAGE_GROUPINGS.join(", ")}`, parseGroupings, DEFAULT_GROUPINGS)
      .option("--project <name>", "of one project only")
      .option("--provider <name>", "of one provider only")
      .option("--json", "print JSON; cost is exact, in dollars, as a text")
      .option("--csv", "print comma-separated values")
      .action((options: UsageOptions) => run(options));
  },
};

const DEFAULT_GROUPINGS: readonly UsageGrouping[] = ["provider", "model", "key", "day"];

async function run(options: UsageOptions): Promise<void> {
  const dataFolder = process.env["GATEHOUSE_DATA"] || "data";
  process.stdout.write(print(await report(dataFolder, options), options));
}

function report(dataFolder: string, options: UsageOptions): Promise<UsageReport> {
  return readUsage(dataFolder, {
    by: options.by,
    ...(options.since === undefined ? {} : { sinceMs: options.since }),
    ...(options.until === undefined ? {} : { untilMs: options.until }),
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.provider === undefined ? {} : { provider: options.provider }),
  });
}

function print({ lines, total }: UsageReport, options: UsageOptions): string {
  if (options.json) {
    return `${JSON.stringify({ lines: lines.map(jsonLine), total: total === undefined ? null : jsonLine(total) }, null, 2)}\n`;
  }
  if (options.csv)
    return csvTable(
      columns(options.by),
      lines.map((line) => cells(line, options.by, formatDollars)),
    );
  if (total === undefined) return isFiltered(options) ? "No calls match that.\n" : "No calls yet.\n";
  const rows = lines.map((line) => cells(line, options.by, roundedDollars));
  const sum = cells({ ...total, group: totalLabel(options.by) }, options.by, roundedDollars);
  return textTable(columns(options.by), [...rows, sum]);
}

function isFiltered({ since, until, project, provider }: UsageOptions): boolean {
  return [since, until, project, provider].some((filter) => filter !== undefined);
}

function totalLabel([first]: readonly UsageGrouping[]): UsageLine["group"] {
  return first === undefined ? {} : { [first]: "total" };
}

const NUMBERS = [
  "calls",
  "errors",
  "in",
  "cached",
  "out",
  "cost $",
  "unpriced",
  "p50 ms",
  "p95 ms",
  "first p50",
  "first p95",
];

function columns(by: readonly UsageGrouping[]): Column[] {
  return [
    ...by.map((heading) => ({ heading, isNumber: false })),
    ...NUMBERS.map((heading) => ({ heading, isNumber: true })),
  ];
}

function cells(line: UsageLine, by: readonly UsageGrouping[], dollars: (cost: bigint) => string): string[] {
  const { totalMs, firstTokenMs } = line;
  const durations = [totalMs.p50, totalMs.p95, firstTokenMs.p50, firstTokenMs.p95];
  return [
    ...by.map((grouping) => line.group[grouping] ?? ""),
    ...[line.calls, line.errors, line.inputTokens, line.cachedInputTokens, line.outputTokens].map(String),
    dollars(line.cost),
    String(line.unpriced),
    ...durations.map((duration) => (duration === undefined ? "" : String(duration))),
  ];
}

/** Millionths of a dollar, so that the points of a column stand below each other. */
function roundedDollars(cost: bigint): string {
  const [whole, fraction = ""] = formatDollars(((cost + 500n) / 1000n) * 1000n).split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}

function jsonLine({ group, cost, ...rest }: UsageLine): object {
  return { ...group, ...rest, costUsd: formatDollars(cost) };
}

function parseGroupings(text: string): UsageGrouping[] {
  return text.split(",").map((name) => {
    const grouping = USAGE_GROUPINGS.find((known) => known === name.trim());
    if (grouping === undefined) throw new InvalidArgumentError(`Choose among ${USAGE_GROUPINGS.join(", ")}.`);
    return grouping;
  });
}

const UNITS_MS: { readonly [unit: string]: number } = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `30m`, `24h`, `7d` and `2w` count back from now; a date is its midnight in UTC; a time may follow it. */
function parseMoment(text: string): number {
  const [, amount, unit = ""] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (amount !== undefined && unitMs !== undefined) return Date.now() - Number(amount) * unitMs;
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidArgumentError("Write 30m, 24h, 7d, or a date like 2026-11-01.");
  return atMs;
}

interface Column {
  readonly heading: string;
  readonly isNumber: boolean;
}

/** Aligned text, numbers to the right. */
function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ heading }) => heading), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((cells) => Bun.stringWidth(cells[index] ?? ""))),
  );
  const pad = ({ isNumber }: Column, cell: string, width: number) => {
    const space = " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
    return isNumber ? space + cell : cell + space;
  };
  const line = (cells: readonly string[]) =>
    columns.map((column, index) => pad(column, cells[index] ?? "", widths[index] ?? 0)).join("  ");
  return lines.map((cells) => `${line(cells).trimEnd()}\n`).join("");
}

/** Comma-separated values as of RFC 4180. */
function csvTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ heading }) => heading), ...rows];
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

/** A name that a spreadsheet would take for a formula is kept from being one. */
function csvCell(cell: string): string {
  const text = /^[=+@\t\r-]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
