import type { FinishReason } from "../../model/stream-event.ts";
import type { WireFinishReason } from "./wire.ts";

/**
 * What a `finish_reason` means. `failed` stands for a generation that broke off on the provider's side and says so as
 * a finish (OpenRouter and Mistral: `error`; DeepSeek: `insufficient_system_resource`; Z.ai: `network_error`).
 */
export function finishReasonFromWire(raw: string): FinishReason | "failed" {
  switch (raw) {
    case "stop":
    case "eos":
    case "eos_token":
    case "stop_sequence":
    case "end_turn":
      return "stop";
    case "length":
    case "max_tokens":
    case "model_length":
    case "model_context_window_exceeded":
      return "length";
    case "tool_calls":
    case "function_call":
    case "tool_use":
      return "tool-calls";
    case "content_filter":
    case "safety":
    case "sensitive":
      return "content-filter";
    case "error":
    case "insufficient_system_resource":
    case "network_error":
      return "failed";
    default:
      return "other";
  }
}

/** The `finish_reason` to write; OpenAI has fewer words. */
export function finishReasonToWire(reason: FinishReason | undefined): WireFinishReason {
  switch (reason) {
    case "length":
      return "length";
    case "tool-calls":
      return "tool_calls";
    case "content-filter":
    case "refusal":
      return "content_filter";
    case "stop":
    case "stop-sequence":
    case "pause":
    case "other":
    case undefined:
      return "stop";
  }
}
