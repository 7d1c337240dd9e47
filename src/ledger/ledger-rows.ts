import type { AttemptClosing, AttemptOpening, RequestOpening } from "../model/attempt.ts";
import { NO_SUMS } from "../storage/request-sums.ts";
import type { AttemptClosingRow, AttemptRow, RequestClosingRow, RequestRow } from "../storage/schema.ts";
import type { StoredClosing } from "./journal-record.ts";

/** The row of a request, with its end where it has one. */
export function requestRow(request: RequestOpening, closing: StoredClosing | undefined): RequestRow {
  return {
    ...(closing === undefined ? OPEN_REQUEST : requestClosingRow(closing)),
    ...NO_SUMS,
    id: request.requestId,
    received_at_ms: whole(request.receivedAtMs),
    project: request.project,
    key_id: request.keyId,
    operation: request.operation,
    dialect: request.dialect,
    requested_model: request.requestedModel,
    stream: request.stream ? 1 : 0,
    end_user: request.endUser ?? null,
    token_id: request.tokenId ?? null,
    tags: tagsText(request),
  };
}

/** The part of a request's row that its end sets. */
export function requestClosingRow(closing: StoredClosing): RequestClosingRow {
  return {
    id: closing.requestId,
    outcome: closing.outcome,
    status: wholeOrNull(closing.status),
    error_code: closing.errorCode ?? null,
    attempts: whole(closing.attempts),
    first_token_ms: wholeOrNull(closing.firstTokenMs),
    total_ms: wholeOrNull(closing.totalMs),
    warnings: closing.warnings === undefined ? null : JSON.stringify(closing.warnings),
    route: closing.route ?? null,
    arm: closing.arm ?? null,
    routing: closing.routing === undefined ? null : JSON.stringify(closing.routing),
    replay_of: closing.replayOf ?? null,
  };
}

const OPEN_REQUEST: Omit<RequestClosingRow, "id"> = {
  outcome: null,
  status: null,
  error_code: null,
  attempts: 0,
  first_token_ms: null,
  total_ms: null,
  warnings: null,
  route: null,
  arm: null,
  routing: null,
  replay_of: null,
};

/** The row of an attempt, with its end where it has one. */
export function attemptRow(
  request: RequestOpening,
  attempt: AttemptOpening,
  closing: AttemptClosing | undefined,
): AttemptRow {
  return {
    ...(closing === undefined ? OPEN : attemptClosingRow(closing)),
    id: attempt.attemptId,
    request_id: attempt.requestId,
    ordinal: whole(attempt.ordinal),
    started_at_ms: whole(attempt.startedAtMs),
    provider: attempt.provider,
    model: attempt.model,
    project: request.project,
    key_id: request.keyId,
    token_id: request.tokenId ?? null,
    operation: request.operation,
    end_user: request.endUser ?? null,
    tags: tagsText(request),
    body_bytes: whole(attempt.bodyBytes),
    markup: attempt.markup ?? null,
    purpose: attempt.purpose ?? null,
  };
}

/** The part of an attempt's row that its end sets. */
export function attemptClosingRow(closing: AttemptClosing): AttemptClosingRow {
  const { usage } = closing;
  return {
    id: closing.attemptId,
    outcome: closing.outcome,
    upstream_status: wholeOrNull(closing.upstreamStatus),
    error_class: closing.errorClass ?? null,
    error_code: closing.errorCode ?? null,
    finish_reason: closing.finishReason ?? null,
    usage_source: usage.source,
    input_tokens: whole(usage.inputTokens),
    cached_input_tokens: whole(usage.cachedInputTokens),
    cache_write_5m_tokens: whole(usage.cacheWrite5mTokens),
    cache_write_1h_tokens: whole(usage.cacheWrite1hTokens),
    input_audio_tokens: whole(usage.inputAudioTokens),
    input_image_tokens: whole(usage.inputImageTokens),
    output_tokens: whole(usage.outputTokens),
    reasoning_tokens: whole(usage.reasoningTokens),
    output_audio_tokens: whole(usage.outputAudioTokens),
    billed_tool_calls: whole(usage.billedToolCalls),
    billed_tools: usage.billedTools === undefined ? null : JSON.stringify(usage.billedTools),
    cached_input_audio_tokens: wholeOrNull(usage.cachedInputAudioTokens),
    cached_input_image_tokens: wholeOrNull(usage.cachedInputImageTokens),
    input_video_tokens: wholeOrNull(usage.inputVideoTokens),
    output_image_tokens: wholeOrNull(usage.outputImageTokens),
    output_video_tokens: wholeOrNull(usage.outputVideoTokens),
    service_tier: closing.serviceTier ?? null,
    raw_usage: usage.raw === undefined ? null : JSON.stringify(usage.raw),
    cost_nanodollars: wholeOrNull(closing.cost),
    billed_nanodollars: wholeOrNull(closing.billed ?? closing.cost),
    cache_savings_nanodollars: wholeOrNull(closing.cacheSavings),
    price_book_version: closing.priceBookVersion ?? null,
    price_sheet: closing.priceSheet ?? null,
    first_token_ms: wholeOrNull(closing.firstTokenMs),
    total_ms: whole(closing.totalMs),
    answer_bytes: whole(closing.answerBytes),
  };
}

const OPEN: Omit<AttemptClosingRow, "id"> = {
  outcome: null,
  upstream_status: null,
  error_class: null,
  error_code: null,
  finish_reason: null,
  usage_source: null,
  input_tokens: null,
  cached_input_tokens: null,
  cache_write_5m_tokens: null,
  cache_write_1h_tokens: null,
  input_audio_tokens: null,
  input_image_tokens: null,
  output_tokens: null,
  reasoning_tokens: null,
  output_audio_tokens: null,
  billed_tool_calls: null,
  billed_tools: null,
  cached_input_audio_tokens: null,
  cached_input_image_tokens: null,
  input_video_tokens: null,
  output_image_tokens: null,
  output_video_tokens: null,
  service_tier: null,
  raw_usage: null,
  cost_nanodollars: null,
  billed_nanodollars: null,
  cache_savings_nanodollars: null,
  price_book_version: null,
  price_sheet: null,
  first_token_ms: null,
  total_ms: null,
  answer_bytes: null,
};

/** The same tags are always the same text. */
function tagsText({ tags }: RequestOpening): string | null {
  if (tags === undefined) return null;
  const sorted = Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted));
}

/** The tables take whole numbers only, and a bad measurement must not cost the row: a duration may be fractional, and JSON makes null of NaN. */
function whole(value: number): number {
  return Number.isFinite(value) ? Math.round(value) : 0;
}

function wholeOrNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value);
}
