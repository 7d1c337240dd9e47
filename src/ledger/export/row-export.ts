import type { Database } from "bun:sqlite";
import { formatDollars, nanoDollars } from "../../model/money.ts";
import type { AttemptRow, RequestRow } from "../../storage/schema.ts";
import { conditionsOf, type RequestFilters, timesOf } from "../requests/request-filters.ts";
import { searchRows } from "../requests/row-search.ts";
import { type Cell, type ExportColumn, type ExportFormat, type ExportPart, tableText } from "./table-text.ts";

/** A part of exported rows: which, how, and behind which id; absent for the first part. */
export interface RowExportOrder {
  readonly table: "requests" | "attempts";
  readonly filters: RequestFilters;
  readonly format: ExportFormat;
  readonly after?: string;
}

const PART_ROWS = 200;

/** Exports rows as they are in the ledger, oldest first, a part at a time. */
export function rowExportPart(database: Database, order: RowExportOrder): ExportPart<string> {
  const { table, filters, format, after } = order;
  const { rows, next } = searchRows<{ readonly id: string }>(database, {
    table,
    order: "oldest first",
    ...timesOf(filters),
    conditions: conditionsOf(filters),
    limit: PART_ROWS,
    ...(after === undefined ? {} : { after }),
  });
  const position = { isFirst: after === undefined, isLast: next === undefined };
  const columns = (table === "requests" ? REQUEST_EXPORT : ATTEMPT_EXPORT) as readonly ExportColumn<object>[];
  return { bytes: tableText(format, columns, rows, position), next };
}

function stored<Row>(...names: readonly (keyof Row & string)[]): ExportColumn<Row>[] {
  return names.map((name) => ({ name, value: (row) => cellOf(row[name]) }));
}

function cellOf(value: unknown): Cell {
  return typeof value === "string" || typeof value === "number" ? value : null;
}

function moment(ms: number): string {
  return new Date(ms).toISOString();
}

function dollars(amount: number | null): string | null {
  return amount === null ? null : formatDollars(nanoDollars(amount));
}

const REQUEST_EXPORT: readonly ExportColumn<RequestRow>[] = [
  { name: "id", value: ({ id }) => id },
  { name: "received_at", value: ({ received_at_ms }) => moment(received_at_ms) },
  ...stored<RequestRow>("project", "key_id", "token_id", "end_user", "tags", "operation", "dialect"),
  { name: "model", value: ({ requested_model }) => requested_model },
  ...stored<RequestRow>("route", "arm"),
  { name: "stream", value: ({ stream }) => stream === 1 },
  ...stored<RequestRow>("outcome", "status", "error_code", "error_class", "attempts", "provider"),
  { name: "provider_model", value: ({ model }) => model },
  ...stored<RequestRow>("input_tokens", "output_tokens"),
  { name: "cost_usd", value: ({ cost_nanodollars }) => dollars(cost_nanodollars) },
  { name: "billed_usd", value: ({ billed_nanodollars }) => dollars(billed_nanodollars) },
  ...stored<RequestRow>("first_token_ms", "total_ms", "warnings", "replay_of"),
];

const ATTEMPT_EXPORT: readonly ExportColumn<AttemptRow>[] = [
  ...stored<AttemptRow>("id", "request_id", "ordinal"),
  { name: "started_at", value: ({ started_at_ms }) => moment(started_at_ms) },
  ...stored<AttemptRow>(
    "project",
    "key_id",
    "token_id",
    "end_user",
    "tags",
    "operation",
    "provider",
    "model",
  ),
  ...stored<AttemptRow>("outcome", "upstream_status", "error_class", "error_code", "finish_reason"),
  ...stored<AttemptRow>("usage_source", "input_tokens", "cached_input_tokens", "cache_write_5m_tokens"),
  ...stored<AttemptRow>("cache_write_1h_tokens", "input_audio_tokens", "input_image_tokens"),
  ...stored<AttemptRow>("input_video_tokens", "output_tokens", "reasoning_tokens", "output_audio_tokens"),
  ...stored<AttemptRow>("output_image_tokens", "output_video_tokens", "billed_tool_calls", "service_tier"),
  { name: "cost_usd", value: ({ cost_nanodollars }) => dollars(cost_nanodollars) },
  { name: "billed_usd", value: ({ billed_nanodollars }) => dollars(billed_nanodollars) },
  { name: "cache_savings_usd", value: ({ cache_savings_nanodollars: saved }) => dollars(saved) },
  ...stored<AttemptRow>("price_book_version", "price_sheet", "markup", "first_token_ms", "total_ms"),
  ...stored<AttemptRow>("body_bytes", "answer_bytes", "purpose"),
];
