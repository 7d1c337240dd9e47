import type { FamilyQuirks } from "../../model/quirks.ts";

const claude = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `*anthropic.claude-${name}*`);

/** Those that do not think. */
const UNTHINKING = claude("3-haiku", "3-sonnet", "3-opus", "3-5-");
/** Those that think by a budget. */
const BY_BUDGET = claude("3-7-", "sonnet-4-2", "opus-4-2", "opus-4-1", "sonnet-4-5", "opus-4-5", "haiku-4-5");
/** Those that keep a beginning for an hour are the ones from 4.5 on. */
const FOR_FIVE_MINUTES = claude("3-5-", "3-7-", "sonnet-4-2", "opus-4-2", "opus-4-1");
const UNCACHED = claude("3-haiku", "3-sonnet", "3-opus", "3-5-sonnet-20240620");
/** From 4.7 on there is no sampling, and Bedrock's own check of the request knows neither formats nor strict tools. */
const UNSAMPLED = claude("opus-4-7", "opus-4-8", "opus-5", "sonnet-5", "haiku-5", "fable-5");
/** Those that always think. */
const ALWAYS_THINKING = claude("sonnet-5-5", "opus-5-5", "fable-5");
/** Those that refuse to be told which tool to call. */
const UNFORCED = claude("sonnet-5-5", "opus-5-5", "fable-5-1");

/**
 * Claude on Bedrock, from the oldest to the newest
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-claude.html; which feature is there for whom:
 * .../userguide/prompt-caching.html, .../userguide/structured-output.html, .../userguide/claude-messages-extended-thinking.html).
 */
export const CLAUDE_FAMILIES: readonly FamilyQuirks[] = [
  {
    models: claude(""),
    has: ["parallel-tool-calls", "reasoning-shown"],
    lacks: ["audio", "video"],
    jsonSchema: "tool",
    reasoningBy: "adaptive",
    efforts: ["none", "low", "medium", "high", "xhigh", "max"],
    converse: { reasoning: "thinking", toolChoice: true },
  },
  { models: UNTHINKING, lacks: ["reasoning-effort", "reasoning-budget", "reasoning-shown", "strict-tools"] },
  { models: UNCACHED, lacks: ["cache-marker"] },
  { models: FOR_FIVE_MINUTES, cacheLifetimes: ["5m"] },
  { models: BY_BUDGET, lacks: ["reasoning-shown"], reasoningBy: "budget" },
  { models: claude("3-7-", "sonnet-4-2", "opus-4-2", "opus-4-1"), lacks: ["strict-tools"] },
  // "temperature and top_p cannot both be specified for this model"
  {
    models: claude("opus-4-1", "sonnet-4-5", "opus-4-5", "haiku-4-5", "opus-4-6", "sonnet-4-6"),
    temperatureOrTopP: true,
  },
  // Haiku 4.5 is documented to take formats as well, and refuses them in some regions.
  { models: claude("sonnet-4-5", "opus-4-5", "opus-4-6"), jsonSchema: "native" },
  { models: claude("opus-4-6"), efforts: ["none", "low", "medium", "high", "max"] },
  { models: claude("sonnet-4-6"), efforts: ["none", "low", "medium", "high"] },
  { models: UNSAMPLED, lacks: ["temperature", "top-p", "top-k", "strict-tools"] },
  { models: ALWAYS_THINKING, efforts: ["low", "medium", "high", "xhigh", "max"] },
  { models: UNFORCED, toolChoices: ["auto", "none"] },
];
