import { estimateTokenCount } from "tokenx";
import type { AnswerFacts } from "../model/dialect.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import { roughTokens } from "../model/rough-tokens.ts";
import { NO_USAGE, type Usage } from "../model/usage.ts";

/** A prompt is measured on this much of it and scaled, so that a huge one costs no more than a small one. */
const SAMPLE_CHARACTERS = 8192;

/**
 * What a call is taken to have consumed where its provider said nothing: the prompt, and the output that was
 * delivered. Only called once a call is over.
 */
export function estimateUsage(request: InferenceRequest, facts: AnswerFacts | undefined): Usage {
  return {
    ...NO_USAGE,
    inputTokens: estimateInput(request),
    outputTokens: facts === undefined ? 0 : estimateOutput(facts),
  };
}

/** The output that was delivered. Most providers send a token an event, some many: the larger count is the nearer one. */
export function estimateOutput({ outputBytes, outputEvents }: AnswerFacts): number {
  return Math.max(outputEvents, roughTokens(outputBytes));
}

function estimateInput(request: InferenceRequest): number {
  const bytes = request.original?.bytes;
  if (bytes === undefined) return roughTokens(request.bodyBytes);
  const sample = new TextDecoder().decode(bytes.subarray(0, SAMPLE_CHARACTERS));
  const scale = Math.max(1, bytes.byteLength / SAMPLE_CHARACTERS);
  return Math.ceil(estimateTokenCount(sample) * scale);
}
