import { isJsonObject } from "../model/json.ts";
import { BILLED_TOOLS, NO_USAGE, type Usage } from "../model/usage.ts";
import type { AttemptRow } from "../storage/schema.ts";

/** What was used, as the row has it. The vendor's own words for it are left out. */
export function usageOfRow(row: AttemptRow): Usage {
  const rare = {
    cachedInputAudioTokens: row.cached_input_audio_tokens,
    cachedInputImageTokens: row.cached_input_image_tokens,
    inputVideoTokens: row.input_video_tokens,
    outputImageTokens: row.output_image_tokens,
    outputVideoTokens: row.output_video_tokens,
  };
  const billedTools = toolsOf(row.billed_tools);
  return {
    ...NO_USAGE,
    inputTokens: row.input_tokens ?? 0,
    cachedInputTokens: row.cached_input_tokens ?? 0,
    cacheWrite5mTokens: row.cache_write_5m_tokens ?? 0,
    cacheWrite1hTokens: row.cache_write_1h_tokens ?? 0,
    inputAudioTokens: row.input_audio_tokens ?? 0,
    inputImageTokens: row.input_image_tokens ?? 0,
    outputTokens: row.output_tokens ?? 0,
    reasoningTokens: row.reasoning_tokens ?? 0,
    outputAudioTokens: row.output_audio_tokens ?? 0,
    billedToolCalls: row.billed_tool_calls ?? 0,
    source: row.usage_source === "reported" ? "reported" : "estimated",
    ...Object.fromEntries(Object.entries(rare).filter(([, count]) => count !== null)),
    ...(billedTools !== undefined && { billedTools }),
  };
}

function toolsOf(stored: string | null): Usage["billedTools"] {
  const tools: unknown = stored === null ? undefined : JSON.parse(stored);
  if (!isJsonObject(tools)) return undefined;
  return Object.fromEntries(
    BILLED_TOOLS.flatMap((tool) => (typeof tools[tool] === "number" ? [[tool, tools[tool]]] : [])),
  );
}
