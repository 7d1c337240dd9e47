import type { Generated } from "kysely";

/**
 * The tables, as types. Times are milliseconds since 1970 (`_at_ms`) or durations (`_ms`); money is integer
 * nano-dollars; booleans are 0 and 1. The migrations beside this file make exactly these tables.
 */
export interface Tables {
  projects: ProjectRow;
  virtual_keys: VirtualKeyRow;
  admin_keys: AdminKeyRow;
  audit_log: AuditRow;
  price_overrides: PriceOverrideRow;
  configuration_revisions: ConfigurationRevisionRow;
  provider_secrets: ProviderSecretRow;
  change_counter: ChangeCounterRow;
  requests: RequestRow;
  attempts: AttemptRow;
  price_sheets: PriceSheetRow;
  journal_position: JournalPositionRow;
  usage_series: UsageSeriesRow;
  usage_hours: UsageHourRow;
  usage_days: UsageDayRow;
  usage_end_users: UsageEndUserRow;
  usage_end_user_totals: UsageDayRow;
  recorded_bodies: RecordedBodyRow;
  retention_marks: RetentionMarkRow;
  alerts: AlertRow;
}

export interface ProjectRow {
  name: string;
  title: string | null;
  /** JSON of the policy, as the administration API writes it. */
  policy: string;
  /** What its use is multiplied by to bill it onwards: an exact decimal. */
  markup: string;
  /** How long its rows are kept; null for ever. */
  retention_days: number | null;
  created_at_ms: number;
  updated_at_ms: number;
  blocked_at_ms: number | null;
  /** A deleted project keeps its row, since the ledger's rows name it. */
  deleted_at_ms: number | null;
  /** The change counter's value at the last change. */
  revision: number;
}

export interface VirtualKeyRow {
  id: string;
  project: string;
  name: string;
  description: string | null;
  /** SHA-256 of the whole key, hex. The key itself is stored nowhere. */
  digest: string;
  /** The first characters, to recognise it by. */
  prefix: string;
  /** The same of the secret before the last rotation, and until when it is still taken. */
  previous_digest: string | null;
  previous_prefix: string | null;
  previous_until_ms: number | null;
  /** JSON of the policy, as the administration API writes it. */
  policy: string;
  /** JSON object of texts. */
  tags: string;
  created_at_ms: number;
  /** Who made it: the kind of actor, a colon, its id. */
  created_by: string | null;
  updated_at_ms: number;
  expires_at_ms: number | null;
  rotated_at_ms: number | null;
  blocked_at_ms: number | null;
  revoked_at_ms: number | null;
  /** The change counter's value at the last change. */
  revision: number;
}

export interface AdminKeyRow {
  id: string;
  name: string;
  digest: string;
  prefix: string;
  /** `owner`, `operator` or `viewer`. */
  role: string;
  created_at_ms: number;
  created_by: string | null;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  /** The change counter's value at the last change. */
  revision: number;
}

/** One change of what is administered. Never holds a secret or a digest. */
export interface AuditRow {
  /** Ordered by time. */
  id: string;
  at_ms: number;
  actor_kind: string;
  actor_id: string;
  actor_name: string;
  /** The request that asked for it; null where none did. */
  request_id: string | null;
  action: string;
  resource: string;
  resource_id: string;
  /** JSON of the whole resource before and after; null where there was or is none. */
  before: string | null;
  after: string | null;
}

/** A price that holds over the price data and the configuration. */
export interface PriceOverrideRow {
  id: string;
  provider: string;
  model: string;
  /** JSON, as a price in the configuration. */
  price: string;
  /** From then on; null for ever since. */
  valid_from_ms: number | null;
  /** Before then; null for ever after. */
  valid_until_ms: number | null;
  created_at_ms: number;
  created_by: string;
  updated_at_ms: number;
  /** The change counter's value at the last change. */
  revision: number;
}

/** The whole configuration as it was at some time. */
export interface ConfigurationRevisionRow {
  /** Counted from 1 without gaps. */
  number: number;
  made_at_ms: number;
  /** `file`, `api` or `command-line`. */
  source: string;
  actor_kind: string;
  actor_id: string;
  actor_name: string;
  request_id: string | null;
  note: string | null;
  /** The revision whose text this one has again; null for one with a text of its own. */
  restores: number | null;
  /** SHA-256 of the text, hex. */
  digest: string;
  /** The text, which may hold secrets, encrypted. */
  sealed_text: string;
  /** `pending` until a gateway has taken it in, then `applied` or `refused`. */
  state: string;
  settled_at_ms: number | null;
  /** JSON of what a gateway had against it. */
  problems: string | null;
}

/** A provider's secret, entered here. It is sent to that origin and to no other. */
export interface ProviderSecretRow {
  id: string;
  provider: string;
  origin: string;
  sealed_secret: string;
  entered_at_ms: number;
  entered_by: string;
  /** The change counter's value at the last change. */
  revision: number;
}

/**
 * One row. Every change of what is administered counts it up, in its own transaction, so that a running gateway sees
 * by one number whether another process changed anything, deletions included.
 */
export interface ChangeCounterRow {
  id: Generated<number>;
  value: number;
}

export interface RequestRow extends RequestClosingRow, RequestSumsRow {
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
  /** JSON object: the key's tags when the call was made. */
  tags: string | null;
}

/** What a request's attempts come to. Set by the store writer from their rows when the request ends. */
export interface RequestSumsRow {
  /** Of the attempt that gave the answer, else of the last one; null where there was none. */
  provider: string | null;
  model: string | null;
  error_class: string | null;
  /** Of all attempts together. */
  input_tokens: number | null;
  output_tokens: number | null;
  /** Null where none of them has a price. */
  cost_nanodollars: number | null;
  billed_nanodollars: number | null;
}

/** The part of a request's row that its end sets. */
export interface RequestClosingRow {
  id: string;
  /** Null while it is open. */
  outcome: string | null;
  status: number | null;
  error_code: string | null;
  attempts: number;
  first_token_ms: number | null;
  total_ms: number | null;
  /** JSON array: what was carried out otherwise than it was asked. */
  warnings: string | null;
  /** The route's alias; null where the request named a target. */
  route: string | null;
  /** The way that was taken of a route which divides its calls. */
  arm: string | null;
  /** JSON: which targets were tried and passed over, and why; null where there was nothing to choose. */
  routing: string | null;
  /** The request whose kept answer was given; null where the answer is its own. */
  replay_of: string | null;
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
  /** The request's; null for rows older than these columns whose request is gone. */
  operation: string | null;
  end_user: string | null;
  tags: string | null;
  body_bytes: number;
  /** What the project was billed for a dollar of cost when the call began: an exact decimal, or null for the dollar. */
  markup: string | null;
  /** `continuation` or `shadow`; null for an answer from its beginning. */
  purpose: string | null;
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
  /** JSON object: of them, how many of each kind, where the vendor tells. */
  billed_tools: string | null;
  cached_input_audio_tokens: number | null;
  cached_input_image_tokens: number | null;
  input_video_tokens: number | null;
  output_image_tokens: number | null;
  output_video_tokens: number | null;
  /** The tier that served the call, in the provider's word. */
  service_tier: string | null;
  /** The vendor's own usage object as JSON. */
  raw_usage: string | null;
  /** Null where the model has no price. */
  cost_nanodollars: number | null;
  /** The cost with the markup. */
  billed_nanodollars: number | null;
  /** What the cached input would have cost more, had it not been cached; null for none, or where nobody knows. */
  cache_savings_nanodollars: number | null;
  price_book_version: string | null;
  /** The row of `price_sheets` whose rates the cost was worked out with; null for rows older than that table. */
  price_sheet: string | null;
  first_token_ms: number | null;
  total_ms: number | null;
  answer_bytes: number | null;
}

/** The rates of calls, each set of them once: it is named by a digest of its content, which never changes. */
export interface PriceSheetRow {
  id: string;
  /** JSON: rates in dollars per million units, the size of request and the service tier that they hold for. */
  content: string;
}

/** One alert: a message to a webhook, told once for its occasion. */
export interface AlertRow {
  /** Ordered by time; the message's own id. */
  id: string;
  /** What it is told once for, unique; null once the same may be told again. */
  occasion: string | null;
  /** From when on the same may be told again; null for never. */
  occasion_ends_at_ms: number | null;
  created_at_ms: number;
  /** JSON of the message, as it is sent. */
  body: string;
  attempts: number;
  /** Null where it is sent no more: delivered, given up, or nowhere to send it to. */
  next_attempt_at_ms: number | null;
  delivered_at_ms: number | null;
  /** Why the last attempt failed, for people. */
  last_problem: string | null;
}

/** How far the journal has been moved into the tables: one row, changed in the same transaction as they are. */
export interface JournalPositionRow {
  id: Generated<number>;
  segment: number;
  offset: number;
}

/** What calls are told apart by in the rollups. Texts are empty where there is nothing to say. */
export interface UsageSeriesRow {
  id: Generated<number>;
  project: string;
  key_id: string;
  /** JSON object of the key's tags when the calls were made. */
  tags: string;
  provider: string;
  model: string;
  operation: string;
  outcome: string;
  /** The class of the failure, or its code where it has no class. */
  error_class: string;
}

/** What the ended calls of one series come to. */
interface UsageRow {
  series: number;
  calls: number;
  cost_nanodollars: number;
  /** The other counts and the spread of durations, packed (rollups/usage-measures.ts). */
  measures: Uint8Array;
}

export interface UsageHourRow extends UsageRow {
  /** Hours since 1970. */
  hour: number;
}

export interface UsageDayRow extends UsageRow {
  /** Days of UTC since 1970. */
  day: number;
}

/** The same for the calls that named an end user. */
export interface UsageEndUserRow extends UsageRow {
  project: string;
  day: number;
  end_user: string;
}

/** A prompt or an answer as the client sent or received it. */
export interface RecordedBodyRow {
  request_id: string;
  /** `request` or `answer`. */
  part: string;
  project: string;
  recorded_at_ms: number;
  expires_at_ms: number;
  content_type: string;
  /** Bytes of the whole body, of which only the beginning may be here. */
  body_bytes: number;
  /** 1 where it is only the beginning. */
  is_cut: number;
  /** Which master key it is sealed under. */
  key_id: string;
  sealed: Uint8Array;
}

/** How far a project's old rows have been deleted. */
export interface RetentionMarkRow {
  project: string;
  /** `requests` or `attempts`. */
  table_name: string;
  /** Rows of this id and before were looked at. */
  through_id: string;
}
