import type { FinishReason } from "../../model/stream-event.ts";
import type { WireStopReason } from "./wire.ts";

/** What a `stop_reason` means (https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons). */
export function finishReasonFromWire(raw: string): FinishReason {
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
    case "pause_turn":
      return "pause";
    case "refusal":
      return "refusal";
    default:
      return "other";
  }
}

/** The `stop_reason` to write; the raw one where it is Anthropic's own and more precise. */
export function finishReasonToWire(
  reason: FinishReason | undefined,
  raw: string | undefined,
): WireStopReason {
  switch (reason) {
    case "stop-sequence":
      return "stop_sequence";
    case "length":
      return raw === "model_context_window_exceeded" ? raw : "max_tokens";
    case "tool-calls":
      return "tool_use";
    case "pause":
      return "pause_turn";
    case "refusal":
    case "content-filter":
      return "refusal";
    case "stop":
    case "other":
    case undefined:
      return "end_turn";
  }
}
