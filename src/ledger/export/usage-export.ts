import type { Database } from "bun:sqlite";
import { formatDollars } from "../../model/money.ts";
import {
  TOKEN_FIELDS,
  TOKEN_KINDS,
  type UsageLine,
  type UsagePlace,
  type UsageQuery,
} from "../usage/usage-query.ts";
import { usageReport } from "../usage/usage-report.ts";
import { type ExportColumn, type ExportFormat, type ExportPart, tableText } from "./table-text.ts";

/** A part of exported usage: what, how, and behind which line; absent for the first part. */
export interface UsageExportOrder {
  readonly query: Omit<UsageQuery, "page">;
  readonly format: ExportFormat;
  readonly after?: UsagePlace;
}

/** What is counted anew for each part must be worth it. */
const PART_LINES = 2_000;

/** Exports what was used, a part at a time. */
export function usageExportPart(database: Database, order: UsageExportOrder): ExportPart<UsagePlace> {
  const { query, format, after } = order;
  const page = { limit: PART_LINES, ...(after === undefined ? {} : { after }) };
  const { lines, next } = usageReport(database, { ...query, page }, { total: false });
  const position = { isFirst: after === undefined, isLast: next === undefined };
  return { bytes: tableText(format, columnsOf(query), lines, position), next };
}

type Column = ExportColumn<UsageLine>;

function columnsOf({ by }: Pick<UsageQuery, "by">): Column[] {
  const groups = by.flatMap((name, index): Column[] => {
    const own = { name, value: ({ group }: UsageLine) => group[index] ?? "" };
    return name === "key" ? [own, { name: "key_name", value: ({ keyName }) => keyName ?? null }] : [own];
  });
  return [...groups, ...SUMS];
}

const SUMS: readonly Column[] = [
  { name: "calls", value: ({ calls }) => calls },
  { name: "errors", value: ({ errors }) => errors },
  { name: "refused", value: ({ refused }) => refused },
  ...TOKEN_KINDS.map((kind): Column => ({ name: TOKEN_FIELDS[kind], value: ({ tokens }) => tokens[kind] })),
  { name: "billed_tool_calls", value: ({ billedToolCalls }) => billedToolCalls },
  { name: "cost_usd", value: ({ cost }) => formatDollars(cost) },
  { name: "billed_usd", value: ({ billed }) => formatDollars(billed) },
  { name: "cache_savings_usd", value: ({ cacheSavings }) => formatDollars(cacheSavings) },
  { name: "unpriced", value: ({ unpriced }) => unpriced },
  { name: "estimated", value: ({ estimated }) => estimated },
  { name: "output_tokens_per_second", value: (line) => rounded(line.outputTokensPerSecond) },
  ...durations("total_ms", ({ totalMs }) => totalMs),
  ...durations("first_token_ms", ({ firstTokenMs }) => firstTokenMs),
];

function durations(name: string, of: (line: UsageLine) => UsageLine["totalMs"]): Column[] {
  return (["p50", "p90", "p95", "p99"] as const).map((percentile) => ({
    name: `${name}_${percentile}`,
    value: (line) => of(line)[percentile] ?? null,
  }));
}

/** Tenths are as much as anybody reads. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
