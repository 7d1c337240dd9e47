import type { FinishReason } from "../../model/stream-event.ts";
import type { WireFinishReason } from "./wire.ts";

/** The `finish_reason` to write. */
export function finishReasonToWire(reason: FinishReason | undefined): WireFinishReason {
  switch (reason) {
    case "length":
      return "length";
    case "content-filter":
    case "refusal":
      return "content_filter";
    case "stop":
    case "stop-sequence":
    case "tool-calls":
    case "pause":
    case "other":
    case undefined:
      return "stop";
  }
}
