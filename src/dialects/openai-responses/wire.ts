/**
 * OpenAI's Responses API as this gateway writes it: only the members we touch.
 * https://platform.openai.com/docs/api-reference/responses/object and .../responses-streaming. What we read is taken as a
 * plain JSON object instead, since compatible servers keep to these types only loosely.
 */

import type { JsonObject } from "../../model/json.ts";

/** `status` of a response. */
export type WireStatus = "in_progress" | "completed" | "incomplete" | "failed";

/** `status` of an item. */
export type WireItemStatus = "in_progress" | "completed" | "incomplete";

/** A part of an assistant's message. */
export type WireOutputPart =
  | {
      readonly type: "output_text";
      readonly text: string;
      readonly annotations: readonly JsonObject[];
      readonly logprobs: readonly JsonObject[];
    }
  | { readonly type: "refusal"; readonly refusal: string };

/** One item of `output`; a vendor's own is passed as it is. */
export type WireItem =
  | {
      readonly type: "message";
      readonly id: string;
      readonly status: WireItemStatus;
      readonly role: "assistant";
      readonly content: readonly WireOutputPart[];
    }
  | {
      readonly type: "reasoning";
      readonly id: string;
      readonly summary: readonly WireSummary[];
      readonly encrypted_content?: string;
    }
  | {
      readonly type: "function_call";
      readonly id: string;
      readonly call_id: string;
      readonly namespace?: string;
      readonly name: string;
      readonly arguments: string;
      readonly status: WireItemStatus;
    }
  | {
      readonly type: "custom_tool_call";
      readonly id: string;
      readonly call_id: string;
      readonly namespace?: string;
      readonly name: string;
      readonly input: string;
      readonly status: WireItemStatus;
    }
  | {
      readonly type: "image_generation_call";
      readonly id: string;
      readonly status: "in_progress" | "completed";
      readonly result: string | null;
    }
  | JsonObject;

/** One paragraph of what the model thought. */
export interface WireSummary {
  readonly type: "summary_text";
  readonly text: string;
}

/** `usage`. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** `error` of a response that failed. */
export interface WireFailure {
  readonly code: string;
  readonly message: string;
}
