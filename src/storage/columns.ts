import type {
  AttemptClosingRow,
  AttemptRow,
  RequestClosingRow,
  RequestRow,
  RequestSumsRow,
} from "./schema.ts";

/** Fails to compile where a list of columns misses one: the error names it. */
function all<Row>() {
  return <const Columns extends readonly (keyof Row)[]>(
    columns: Columns &
      ([keyof Row] extends [Columns[number]] ? unknown : Exclude<keyof Row, Columns[number]>),
  ): Columns => columns;
}

/** What a request's end sets. */
export const REQUEST_CLOSING_COLUMNS = all<Omit<RequestClosingRow, "id">>()([
  "outcome",
  "status",
  "error_code",
  "attempts",
  "first_token_ms",
  "total_ms",
  "warnings",
  "route",
  "arm",
  "routing",
  "replay_of",
]);

/** What a request's attempts come to. */
export const REQUEST_SUMS_COLUMNS = all<RequestSumsRow>()([
  "provider",
  "model",
  "error_class",
  "input_tokens",
  "output_tokens",
  "cost_nanodollars",
  "billed_nanodollars",
]);

/** All columns of `requests`. */
export const REQUEST_COLUMNS = all<RequestRow>()([
  "id",
  "received_at_ms",
  "project",
  "key_id",
  "operation",
  "dialect",
  "requested_model",
  "stream",
  "end_user",
  "token_id",
  "tags",
  ...REQUEST_CLOSING_COLUMNS,
  ...REQUEST_SUMS_COLUMNS,
]);

/** What an attempt's end sets. */
export const ATTEMPT_CLOSING_COLUMNS = all<Omit<AttemptClosingRow, "id">>()([
  "outcome",
  "upstream_status",
  "error_class",
  "error_code",
  "finish_reason",
  "usage_source",
  "input_tokens",
  "cached_input_tokens",
  "cache_write_5m_tokens",
  "cache_write_1h_tokens",
  "input_audio_tokens",
  "input_image_tokens",
  "output_tokens",
  "reasoning_tokens",
  "output_audio_tokens",
  "billed_tool_calls",
  "billed_tools",
  "cached_input_audio_tokens",
  "cached_input_image_tokens",
  "input_video_tokens",
  "output_image_tokens",
  "output_video_tokens",
  "service_tier",
  "raw_usage",
  "cost_nanodollars",
  "billed_nanodollars",
  "cache_savings_nanodollars",
  "price_book_version",
  "price_sheet",
  "first_token_ms",
  "total_ms",
  "answer_bytes",
]);

/** All columns of `attempts`. */
export const ATTEMPT_COLUMNS = all<AttemptRow>()([
  "id",
  "request_id",
  "ordinal",
  "started_at_ms",
  "provider",
  "model",
  "project",
  "key_id",
  "token_id",
  "operation",
  "end_user",
  "tags",
  "body_bytes",
  "markup",
  "purpose",
  ...ATTEMPT_CLOSING_COLUMNS,
]);
