import type { FinishReason } from "../../model/stream-event.ts";

/**
 * What a `stopReason` means (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
 * "stopReason"). `failed` stands for an output that Bedrock itself could make nothing of.
 */
export function finishReasonFromWire(raw: string): FinishReason | "failed" {
  switch (raw) {
    case "end_turn":
      return "stop";
    case "stop_sequence":
      return "stop-sequence";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "tool-calls";
    case "guardrail_intervened":
    case "content_filtered":
      return "content-filter";
    // Claude's own, which the description doesn't list.
    case "refusal":
      return "refusal";
    case "pause_turn":
      return "pause";
    case "malformed_model_output":
    case "malformed_tool_use":
      return "failed";
    default:
      return "other";
  }
}
