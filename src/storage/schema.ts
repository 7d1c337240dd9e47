import type { Generated } from "kysely";

/**
 * The tables, as types. Times are milliseconds since 1970 (`_at_ms`) or durations (`_ms`); money is integer
 * nano-dollars; booleans are 0 and 1. The migrations beside this file make exactly these tables.
 */
export interface Tables {
  projects: ProjectRow;
  virtual_keys: VirtualKeyRow;
  admin_keys: AdminKeyRow;
  requests: RequestRow;
  attempts: AttemptRow;
  journal_position: JournalPositionRow;
}

export interface ProjectRow {
  name: string;
  created_at_ms: number;
}

export interface VirtualKeyRow {
  id: string;
  project: string;
  name: string;
  /** SHA-256 of the whole key, hex. The key itself is stored nowhere. */
  digest: string;
  /** The first characters, to recognise it by. */
  prefix: string;
  /** JSON array of patterns, or null for every model. */
  allowed_models: string | null;
  max_concurrent: number | null;
  created_at_ms: number;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  /** Grows with every change of any key, so that a running gateway can ask for what changed. */
  revision: number;
}

export interface AdminKeyRow {
  id: string;
  name: string;
  digest: string;
  prefix: string;
  created_at_ms: number;
  revoked_at_ms: number | null;
  revision: number;
}

export interface RequestRow {
  id: string;
  received_at_ms: number;
  project: string;
  key_id: string;
  operation: string;
  dialect: string;
  requested_model: string;
  stream: number;
  end_user: string | null;
  /** The browser token that was used, if one was. */
  token_id: string | null;
  /** Null while it is open. */
  outcome: string | null;
  status: number | null;
  error_code: string | null;
  attempts: number;
  first_token_ms: number | null;
  total_ms: number | null;
  /** JSON array: what was carried out otherwise than it was asked. */
  warnings: string | null;
}

export interface AttemptRow extends AttemptClosingRow {
  request_id: string;
  ordinal: number;
  started_at_ms: number;
  provider: string;
  model: string;
  project: string;
  key_id: string;
  token_id: string | null;
  body_bytes: number;
}

/** The part of an attempt's row that its end sets; null while it is open. */
export interface AttemptClosingRow {
  id: string;
  outcome: string | null;
  upstream_status: number | null;
  error_class: string | null;
  error_code: string | null;
  finish_reason: string | null;
  usage_source: string | null;
  input_tokens: number | null;
  cached_input_tokens: number | null;
  cache_write_5m_tokens: number | null;
  cache_write_1h_tokens: number | null;
  input_audio_tokens: number | null;
  input_image_tokens: number | null;
  output_tokens: number | null;
  reasoning_tokens: number | null;
  output_audio_tokens: number | null;
  billed_tool_calls: number | null;
  /** The vendor's own usage object as JSON. */
  raw_usage: string | null;
  /** Null where the model has no price. */
  cost_nanodollars: number | null;
  price_book_version: string | null;
  first_token_ms: number | null;
  total_ms: number | null;
  answer_bytes: number | null;
}

/** How far the journal has been moved into the tables: one row, changed in the same transaction as they are. */
export interface JournalPositionRow {
  id: Generated<number>;
  segment: number;
  offset: number;
}
