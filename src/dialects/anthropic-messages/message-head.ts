import type { FinishReason } from "../../model/stream-event.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import type { WireStop, WireStopDetails } from "./wire.ts";

/** The id of a message whose provider gave none, made of the request's. */
export function messageIdFor(requestId: string): string {
  return `msg_${requestId.replace(/^req_/, "").replaceAll("-", "")}`;
}

/** How a choice ended, as far as it is known. */
export interface Stop {
  readonly finishReason?: FinishReason;
  readonly rawFinishReason?: string;
  readonly stopSequence?: string;
}

/** Why a message ended. `isRefused`: the model said that it would not, of which many vendors say "stop" all the same. */
export function stopToWire(
  { finishReason, rawFinishReason, stopSequence }: Stop,
  isRefused: boolean,
): WireStop {
  const isPlain = finishReason === "stop" || finishReason === undefined;
  const reason = isRefused && isPlain ? "refusal" : finishReasonToWire(finishReason, rawFinishReason);
  return {
    stop_reason: reason,
    stop_sequence: stopSequence ?? null,
    stop_details: reason === "refusal" ? REFUSED : null,
    container: null,
  };
}

const REFUSED: WireStopDetails = Object.freeze({ type: "refusal", category: null, explanation: null });

/** Before the end nothing is known of it. */
export const NO_STOP: WireStop = Object.freeze({
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null,
});
