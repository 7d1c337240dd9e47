import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { InferenceResponse } from "../../model/inference-response.ts";
import { formatDollars } from "../../model/money.ts";
import type { FinishReason } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";
import { isShown } from "./blocks/text.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import type { WireUsage } from "./wire.ts";

/** A whole answer of the simple contract: the first choice's text and what the call took. */
export function encodeResponse(
  response: InferenceResponse,
  _request: InferenceRequest<"chat">,
  receipt: Receipt,
): string {
  const [choice] = response.choices;
  const text = (choice?.blocks ?? []).map((block) => (isShown(block) ? block.text : "")).join("");
  return encodeAnswer(text, choice?.finishReason, receipt);
}

/** The answer object, the same for a whole answer and as the last event of a stream. */
export function encodeAnswer(text: string, reason: FinishReason | undefined, receipt: Receipt): string {
  const { requestId, provider, model, usage, cost, totalMs, attempts } = receipt;
  const head = {
    id: requestId,
    text,
    provider,
    model,
    finish_reason: finishReasonToWire(reason),
    usage: encodeUsage(usage),
  };
  // The decimal is written as text: a floating point number would round it.
  const dollars = cost === undefined ? "null" : formatDollars(cost);
  const tail = `"cost_usd":${dollars},"latency_ms":${Math.round(totalMs)},"attempts":${attempts}}`;
  return `${JSON.stringify(head).slice(0, -1)},${tail}`;
}

function encodeUsage(usage: Usage): WireUsage {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    estimated: usage.source === "estimated",
  };
}
