import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Usage } from "../../model/usage.ts";
import { textMember } from "../json/members.ts";
import { encodeServiceTier } from "../openai-chat/service-tier.ts";
import { usageToWire } from "./usage.ts";
import type { WireFailure, WireItem, WireStatus } from "./wire.ts";

/** What a response object says of the answer itself. */
export interface ResponseState {
  readonly id: string;
  readonly model: string;
  readonly createdAtS: number;
  readonly serviceTier: string | undefined;
  readonly status: WireStatus;
  readonly output: readonly WireItem[];
  readonly incomplete_details?: JsonObject | null;
  readonly usage?: Usage | undefined;
  readonly error?: WireFailure;
}

/**
 * A whole response object, every documented member of it
 * (https://platform.openai.com/docs/api-reference/responses/object). `echo` is what `echoOf` gave for the request.
 */
export function responseObject(echo: JsonObject, state: ResponseState): JsonObject {
  const { status, serviceTier, usage } = state;
  const isComplete = status === "completed";
  return {
    id: state.id,
    object: "response",
    created_at: state.createdAtS,
    status,
    ...(isComplete && { completed_at: Math.floor(Date.now() / 1000) }),
    error: state.error ?? null,
    incomplete_details: state.incomplete_details ?? null,
    model: state.model,
    output: state.output,
    ...echo,
    ...encodeServiceTier(serviceTier),
    usage: usage === undefined ? null : usageToWire(usage),
  };
}

/** What a response repeats of its request, with what OpenAI fills in where nothing was asked. */
export function echoOf(request: InferenceRequest<"chat">): JsonObject {
  const asked = request.original?.body ?? {};
  const { text, reasoning, metadata } = asked;
  const thought: JsonObject = isJsonObject(reasoning) ? reasoning : {};
  return {
    background: false,
    instructions: textMember(asked, "instructions") ?? null,
    max_output_tokens: asked["max_output_tokens"] ?? null,
    max_tool_calls: asked["max_tool_calls"] ?? null,
    parallel_tool_calls: asked["parallel_tool_calls"] ?? true,
    previous_response_id: null,
    prompt_cache_key: asked["prompt_cache_key"] ?? null,
    prompt_cache_retention: asked["prompt_cache_retention"] ?? null,
    reasoning: { effort: thought["effort"] ?? null, summary: thought["summary"] ?? null },
    safety_identifier: asked["safety_identifier"] ?? null,
    service_tier: "default",
    store: false,
    temperature: asked["temperature"] ?? 1,
    text: { format: { type: "text" }, ...(isJsonObject(text) && text) },
    tool_choice: asked["tool_choice"] ?? "auto",
    tools: toolsOf(asked["tools"]),
    top_logprobs: asked["top_logprobs"] ?? 0,
    top_p: asked["top_p"] ?? 1,
    truncation: asked["truncation"] ?? "disabled",
    user: asked["user"] ?? null,
    metadata: metadata ?? {},
  };
}

/** Functions are repeated with the members that are demanded of them. */
function toolsOf(tools: unknown): readonly unknown[] {
  if (!Array.isArray(tools)) return [];
  return tools.map((tool: unknown) => {
    if (!isJsonObject(tool) || tool["type"] !== "function") return tool;
    return { ...tool, parameters: tool["parameters"] ?? null, strict: tool["strict"] ?? false };
  });
}
