import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { FinishReason } from "../../model/stream-event.ts";
import type { WireStatus } from "./wire.ts";

/** How a response ended, in OpenAI's words: its status, or why it is incomplete. Undefined while it has not ended. */
export function rawFinish(response: JsonObject): string | undefined {
  const { status, incomplete_details: details } = response;
  if (status === "incomplete") {
    const reason = isJsonObject(details) ? details["reason"] : undefined;
    return typeof reason === "string" && reason !== "" ? reason : "incomplete";
  }
  if (status === "in_progress" || status === "queued") return undefined;
  // Servers that leave the status out have given all that they give.
  return typeof status === "string" ? status : "completed";
}

/** What it means. A response that calls a tool is complete like any other. */
export function finishReasonFromWire(raw: string, hasCalls: boolean): FinishReason {
  switch (raw) {
    case "completed":
      return hasCalls ? "tool-calls" : "stop";
    case "max_output_tokens":
      return "length";
    case "content_filter":
      return "content-filter";
    default:
      return "other";
  }
}

/** How a response that ended is told. */
export interface WireEnding {
  readonly status: WireStatus;
  readonly incomplete_details: { readonly reason: "max_output_tokens" | "content_filter" } | null;
}

/** The ending to write. Where a model's own refusal has words, they are the answer; without any it looks filtered. */
export function finishReasonToWire(reason: FinishReason | undefined, hasRefusal: boolean): WireEnding {
  switch (reason) {
    case "length":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    case "content-filter":
      return { status: "incomplete", incomplete_details: { reason: "content_filter" } };
    case "refusal":
      if (!hasRefusal) return { status: "incomplete", incomplete_details: { reason: "content_filter" } };
      return COMPLETED;
    case "stop":
    case "stop-sequence":
    case "tool-calls":
    case "pause":
    case "other":
    case undefined:
      return COMPLETED;
  }
}

const COMPLETED: WireEnding = Object.freeze({ status: "completed", incomplete_details: null });
