import type { Sampling } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";
import type { EncodedReasoning } from "./reasoning.ts";

/**
 * `inferenceConfig` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html);
 * undefined where it would be empty.
 */
export function encodeInferenceConfig(
  sampling: Sampling,
  { maxTokens }: EncodedReasoning,
): JsonObject | undefined {
  const { maxOutputTokens = maxTokens, temperature, topP, stop } = sampling;
  const members: [string, unknown][] = [
    ["maxTokens", maxOutputTokens],
    ["temperature", temperature],
    ["topP", topP],
    ["stopSequences", stop === undefined || stop.length === 0 ? undefined : stop],
  ];
  const said = members.filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** Top-k, which stands among the fields of the model's family. */
export function encodeTopK({ topK }: Sampling, { converse }: Quirks): JsonObject {
  if (topK === undefined) return {};
  const place = converse?.topK ?? "top_k";
  return place === "inferenceConfig.topK" ? { inferenceConfig: { topK } } : { [place]: topK };
}

/** The sampling as far as the model takes it together with all else that is asked. */
export function fitSampling(
  sampling: Sampling,
  { isThinking }: EncodedReasoning,
  quirks: Quirks,
  losses: Losses,
): Sampling {
  const { temperature, topP, topK, ...rest } = sampling;
  if (isThinking) {
    const why = "left out: it is not taken while the model thinks";
    if (temperature !== undefined && temperature !== 1) losses.add("temperature", why);
    if (topP !== undefined && topP !== 1) losses.add("top-p", why);
    if (topK !== undefined) losses.add("top-k", why);
    return rest;
  }
  const isBoth = quirks.temperatureOrTopP === true && temperature !== undefined && topP !== undefined;
  if (!isBoth) return sampling;
  if (topP !== 1) losses.add("top-p", "left out: it is not taken beside a temperature");
  return { ...rest, temperature, ...(topK !== undefined && { topK }) };
}
