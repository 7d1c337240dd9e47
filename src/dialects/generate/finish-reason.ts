import type { FinishReason } from "../../model/stream-event.ts";

/** `finish_reason` of an answer. */
export function finishReasonToWire(reason: FinishReason | undefined): string {
  switch (reason) {
    case "tool-calls":
      return "tool_calls";
    case "content-filter":
    case "refusal":
      return "content_filter";
    case "stop-sequence":
      return "stop";
    case "pause":
      return "other";
    case "stop":
    case "length":
    case "other":
      return reason;
    case undefined:
      return "other";
  }
}
