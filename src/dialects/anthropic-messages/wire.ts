/**
 * Anthropic Messages as this gateway writes it: only the members we touch. https://platform.claude.com/docs/en/api/messages
 * and https://platform.claude.com/docs/en/build-with-claude/streaming. What we read is taken as a plain JSON object
 * instead, since compatible servers keep to these types only loosely. Members that the documentation has as required
 * and empty are written as null.
 */

import type { JsonObject } from "../../model/json.ts";

/** `stop_reason`. */
export type WireStopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/** One entry of an answer's `content`. */
export type WireBlock =
  | { readonly type: "text"; readonly text: string; readonly citations: readonly JsonObject[] | null }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly input: JsonObject;
      readonly caller: { readonly type: "direct" };
    };

/** `delta` of a `content_block_delta`. */
export type WireDelta =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "thinking_delta"; readonly thinking: string }
  | { readonly type: "signature_delta"; readonly signature: string }
  | { readonly type: "citations_delta"; readonly citation: JsonObject }
  | { readonly type: "input_json_delta"; readonly partial_json: string };

/** `stop_details`: what the model said of its refusal stands in the content. */
export interface WireStopDetails {
  readonly type: "refusal";
  readonly category: null;
  readonly explanation: null;
}

/** The part of `usage` that a `message_delta` repeats, as sums so far. */
export interface WireDeltaUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number } | null;
  readonly server_tool_use: {
    readonly web_search_requests: number;
    readonly web_fetch_requests: number;
  } | null;
}

/** `usage` of a message. */
export interface WireUsage extends WireDeltaUsage {
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
  readonly service_tier: "standard" | "priority" | "batch" | null;
  readonly inference_geo: null;
  readonly speed: "fast" | null;
}

/** Why a message ended, as both a whole message and a `message_delta` have it. */
export interface WireStop {
  readonly stop_reason: WireStopReason | null;
  readonly stop_sequence: string | null;
  readonly stop_details: WireStopDetails | null;
  readonly container: null;
}

/** A whole answer, and what a stream's `message_start` begins. */
export interface WireMessage extends WireStop {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly (WireBlock | JsonObject)[];
  readonly diagnostics: null;
  readonly usage: WireUsage;
}

/** `error.type` (https://platform.claude.com/docs/en/api/errors). */
export type WireErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";

/** An error's envelope, with what Gatehouse adds to tell its own errors apart and to mend them. */
export interface WireError {
  readonly type: "error";
  readonly error: {
    readonly type: WireErrorType;
    readonly message: string;
    readonly details: { readonly error_code: string; readonly field: string | null; readonly mend: string };
  };
  readonly request_id: string;
}
