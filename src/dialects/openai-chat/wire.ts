/**
 * OpenAI Chat Completions as this gateway writes it: only the members we touch.
 * https://platform.openai.com/docs/api-reference/chat/object and .../chat/streaming. What we read is taken as a plain
 * JSON object instead, since the many compatible servers keep to these types only loosely.
 */

import type { JsonObject } from "../../model/json.ts";

/** `finish_reason`. */
export type WireFinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** `extra_content` of a tool call: where Google's compatible endpoint, and this gateway, put a call's proof. */
interface WireExtraContent {
  readonly google: { readonly thought_signature: string };
}

/** `message.tool_calls[]` of a whole answer, and of an assistant's turn in a request. */
export type WireToolCall = { readonly id: string; readonly extra_content?: WireExtraContent } & (
  | { readonly type: "function"; readonly function: { readonly name: string; readonly arguments: string } }
  | { readonly type: "custom"; readonly custom: { readonly name: string; readonly input: string } }
);

/** `delta.tool_calls[]`: id and name come with the first, then only arguments. */
export interface WireToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: "function" | "custom";
  readonly function?: { readonly name?: string; readonly arguments: string };
  readonly custom?: { readonly name?: string; readonly input: string };
  readonly extra_content?: WireExtraContent;
}

/** What a message and a delta have in common beside their texts. */
interface WireBeside {
  /** Not OpenAI's own: the name that DeepSeek gave it and most servers and clients took over. */
  readonly reasoning_content?: string;
  /** Not OpenAI's own: OpenRouter's form of reasoning with its proof. */
  readonly reasoning_details?: readonly JsonObject[];
  readonly annotations?: readonly JsonObject[];
  /** Not OpenAI's own: OpenRouter's form of images that a model made. */
  readonly images?: readonly JsonObject[];
}

/** `choices[].message`. */
export interface WireAnswerMessage extends WireBeside {
  readonly role: "assistant";
  readonly content: string | null;
  readonly refusal: string | null;
  readonly tool_calls?: readonly WireToolCall[];
}

/** `choices[].delta`. */
export interface WireDelta extends WireBeside {
  readonly role?: "assistant";
  readonly content?: string | null;
  readonly refusal?: string;
  readonly tool_calls?: readonly WireToolCallDelta[];
}

/** `choices[].logprobs`. */
export interface WireLogProbabilities {
  readonly content: readonly JsonObject[] | null;
  readonly refusal: readonly JsonObject[] | null;
}

/** `usage`. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: {
    readonly cached_tokens: number;
    readonly audio_tokens: number;
    readonly image_tokens?: number;
    readonly cache_write_tokens?: number;
  };
  readonly completion_tokens_details: { readonly reasoning_tokens: number; readonly audio_tokens: number };
}

/** A whole answer. */
export interface WireCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: WireAnswerMessage;
    readonly logprobs: WireLogProbabilities | null;
    readonly finish_reason: WireFinishReason;
  }[];
  readonly service_tier?: string;
  readonly usage: WireUsage;
}

/** The `error` object, with what Gatehouse adds: the request's id and how to mend it. */
export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly request_id: string;
  readonly mend: string;
}
