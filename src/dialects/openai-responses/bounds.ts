import type { Feature } from "../../model/loss.ts";
import type { DialectBounds } from "../translation/bounds.ts";

/**
 * What OpenAI's Responses API can't say (https://platform.openai.com/docs/api-reference/responses/create). Reasoning of
 * earlier turns it takes only with its own proof; servers that show raw reasoning take it back as text (`has`).
 */
export const BOUNDS: DialectBounds = Object.freeze({
  dialect: "openai-responses",
  vendor: "openai",
  signatures: ["openai"],
  maxTemperature: 2,
  // "integer_below_min_value": a smaller bound is refused.
  minOutputTokens: 16,
  lacks: [
    "message-name",
    "audio",
    "video",
    "document-context",
    "document-citations",
    "tool-result-error",
    "reasoning-history",
    "top-k",
    "stop",
    "seed",
    "frequency-penalty",
    "presence-penalty",
    "choices",
    "cache-marker",
  ],
} satisfies DialectBounds);

/** The members of a request, by what they say. */
export const FIELDS: { readonly [F in Feature]?: string } = Object.freeze({
  "developer-role": "input[].role",
  "late-system-message": "input[].role",
  "image-url": "input[].content[].image_url",
  "image-base64": "input[].content[].image_url",
  "image-detail": "input[].content[].detail",
  "document-url": "input[].content[].file_url",
  "document-base64": "input[].content[].file_data",
  "uploaded-file": "input[].content[].file_id",
  audio: "input[].content[].input_audio",
  "refusal-history": "input[].content[].refusal",
  "reasoning-history": "input[].summary",
  signature: "input[].encrypted_content",
  "vendor-part": "input[]",
  tools: "tools",
  "strict-tools": "tools[].strict",
  "free-form-tools": "tools[]",
  "vendor-tools": "tools[]",
  "tool-choice": "tool_choice",
  "allowed-tools": "tool_choice.tools",
  "parallel-tool-calls": "parallel_tool_calls",
  "tool-result-media": "input[].output",
  "json-object": "text.format",
  "json-schema": "text.format",
  temperature: "temperature",
  "top-p": "top_p",
  "max-output-tokens": "max_output_tokens",
  "log-probabilities": "top_logprobs",
  "reasoning-effort": "reasoning.effort",
  "reasoning-shown": "reasoning.summary",
  verbosity: "text.verbosity",
  "cache-marker": "input[].content[].prompt_cache_breakpoint",
  "cache-key": "prompt_cache_key",
  "end-user": "safety_identifier",
  metadata: "metadata",
  "service-tier": "service_tier",
  store: "store",
});
