import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import { listOf, numberOf, textOf } from "./members.ts";
import type { WireModalityCount, WireUsage } from "./wire.ts";

/** More tokens than any answer has; above it a number is a fault, and its cost no amount that the ledger could hold. */
const MOST_TOKENS = 1_000_000_000;

/**
 * Reads `usageMetadata` (https://ai.google.dev/api/generate-content#UsageMetadata). Google's prompt includes what its
 * cache held; thoughts stand beside the candidates' tokens, and what its own tools gave the model beside the prompt.
 * Never throws and never gives a negative or broken count. Undefined where it tells no count, as in the first chunks of
 * a stream on Vertex AI.
 */
export function readUsage(value: unknown, billedToolCalls = 0): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const prompt = count(value, "promptTokenCount");
  const candidates = count(value, "candidatesTokenCount") ?? count(value, "responseTokenCount");
  const total = count(value, "totalTokenCount");
  if ((prompt ?? candidates ?? total) === undefined) return undefined;
  const thoughts = count(value, "thoughtsTokenCount") ?? 0;
  const fromTools = count(value, "toolUsePromptTokenCount") ?? 0;
  const generated = candidates ?? rest(total, (prompt ?? 0) + thoughts + fromTools);
  const inputTokens = Math.min(
    (prompt ?? rest(total, generated + thoughts + fromTools)) + fromTools,
    MOST_TOKENS,
  );
  const outputTokens = Math.min(generated + thoughts, MOST_TOKENS);
  const ofInput = (modality: string): number =>
    Math.min(
      ofModality(value, "promptTokensDetails", modality) +
        ofModality(value, "toolUsePromptTokensDetails", modality),
      inputTokens,
    );
  return {
    ...NO_USAGE,
    inputTokens,
    cachedInputTokens: Math.min(count(value, "cachedContentTokenCount") ?? 0, inputTokens),
    inputAudioTokens: ofInput("AUDIO"),
    inputImageTokens: ofInput("IMAGE"),
    outputTokens,
    reasoningTokens: Math.min(thoughts, outputTokens),
    outputAudioTokens: Math.min(ofModality(value, "candidatesTokensDetails", "AUDIO"), outputTokens),
    ...rareParts(value, ofInput("VIDEO")),
    billedToolCalls,
    ...(billedToolCalls > 0 && { billedTools: { webSearch: billedToolCalls } }),
    source: "reported",
    raw: value,
  };
}

/** Parts that few answers have. */
function rareParts(usage: JsonObject, inputVideoTokens: number): Partial<Usage> {
  const hasCacheDetails = listOf(usage, "cacheTokensDetails").length > 0;
  const outputImageTokens = ofModality(usage, "candidatesTokensDetails", "IMAGE");
  const outputVideoTokens = ofModality(usage, "candidatesTokensDetails", "VIDEO");
  return {
    ...(hasCacheDetails && {
      cachedInputAudioTokens: ofModality(usage, "cacheTokensDetails", "AUDIO"),
      cachedInputImageTokens: ofModality(usage, "cacheTokensDetails", "IMAGE"),
    }),
    ...(inputVideoTokens > 0 && { inputVideoTokens }),
    ...(outputImageTokens > 0 && { outputImageTokens }),
    ...(outputVideoTokens > 0 && { outputVideoTokens }),
  };
}

/** Writes `usageMetadata`. What has no member there (cache writes, tool calls billed) stays out. */
export function usageToWire(usage: Usage, serviceTier: string | undefined): WireUsage {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = usage;
  const input = details(inputTokens, {
    AUDIO: usage.inputAudioTokens,
    IMAGE: usage.inputImageTokens,
    VIDEO: usage.inputVideoTokens,
  });
  const output = details(outputTokens - reasoningTokens, {
    AUDIO: usage.outputAudioTokens,
    IMAGE: usage.outputImageTokens,
    VIDEO: usage.outputVideoTokens,
  });
  return {
    promptTokenCount: inputTokens,
    ...(cachedInputTokens > 0 && { cachedContentTokenCount: cachedInputTokens }),
    candidatesTokenCount: outputTokens - reasoningTokens,
    ...(reasoningTokens > 0 && { thoughtsTokenCount: reasoningTokens }),
    totalTokenCount: inputTokens + outputTokens,
    ...(input && { promptTokensDetails: input }),
    ...(output && { candidatesTokensDetails: output }),
    ...(serviceTier !== undefined && { serviceTier }),
  };
}

/** How many searches of Google's an answer rests on, which are billed one by one. */
export function searchesOf(candidate: JsonObject): number {
  const grounding = candidate["groundingMetadata"];
  return isJsonObject(grounding) ? wordsIn(grounding["webSearchQueries"]) : 0;
}

function wordsIn(queries: unknown): number {
  return Array.isArray(queries) ? queries.filter((query) => query !== "").length : 0;
}

type Media = Exclude<WireModalityCount["modality"], "TEXT">;

/** Undefined where it is text alone, of which nothing need be said. */
function details(
  all: number,
  media: { readonly [M in Media]: number | undefined },
): readonly WireModalityCount[] | undefined {
  const counts = Object.entries(media).flatMap(([modality, tokenCount = 0]): WireModalityCount[] =>
    tokenCount > 0 ? [{ modality: modality as Media, tokenCount }] : [],
  );
  if (counts.length === 0) return undefined;
  const text = all - counts.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  return text > 0 ? [{ modality: "TEXT", tokenCount: text }, ...counts] : counts;
}

function ofModality(usage: JsonObject, name: string, modality: string): number {
  let tokens = 0;
  for (const detail of listOf(usage, name)) {
    if (isJsonObject(detail) && textOf(detail, "modality") === modality)
      tokens += count(detail, "tokenCount") ?? 0;
  }
  return tokens;
}

const rest = (total: number | undefined, others: number): number => Math.max(0, (total ?? 0) - others);

/** A count of tokens; undefined for what can't be one. A fraction is rounded up. */
function count(usage: JsonObject, name: string): number | undefined {
  const value = numberOf(usage, name);
  return value !== undefined && value >= 0 && value <= MOST_TOKENS ? Math.ceil(value) : undefined;
}
