import type { FamilyQuirks } from "../../model/quirks.ts";
import { claudeFamiliesAmong } from "../claude-families.ts";

const claude = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `*anthropic.claude-${name}*`);

/** Those that think by a budget, if at all: they have no choice of how thinking is shown. */
const EARLIER = claude("3-", "sonnet-4-2", "opus-4-2", "opus-4-1", "sonnet-4-5", "opus-4-5", "haiku-4-5");
/** Those that keep a beginning for an hour are the ones from 4.5 on. */
const FOR_FIVE_MINUTES = claude("3-5-", "3-7-", "sonnet-4-2", "opus-4-2", "opus-4-1");
const UNCACHED = claude("3-haiku", "3-sonnet", "3-opus", "3-5-sonnet-20240620");
/** From 4.7 on Bedrock's own check of the request knows neither formats nor strict tools. */
const FROM_4_7 = claude("opus-4-7", "opus-4-8", "opus-5", "sonnet-5", "haiku-5", "fable-5", "mythos");

/**
 * Claude on Bedrock: as its vendor has it, but for what Converse has otherwise
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-claude.html; which feature is there for whom:
 * .../userguide/prompt-caching.html, .../userguide/structured-output.html, .../userguide/claude-messages-extended-thinking.html).
 */
export const CLAUDE_ON_BEDROCK: readonly FamilyQuirks[] = [
  ...claudeFamiliesAmong(claude("")),
  {
    models: claude(""),
    has: ["parallel-tool-calls", "reasoning-shown"],
    lacks: ["audio", "video", "late-system-message"],
    jsonSchema: "tool",
    converse: { reasoning: "thinking", toolChoice: true },
  },
  { models: EARLIER, lacks: ["reasoning-shown"] },
  { models: UNCACHED, lacks: ["cache-marker"] },
  { models: FOR_FIVE_MINUTES, cacheLifetimes: ["5m"] },
  // Haiku 4.5 is documented to take formats as well, and refuses them in some regions.
  { models: claude("sonnet-4-5", "opus-4-5", "opus-4-6"), jsonSchema: "native" },
  { models: FROM_4_7, lacks: ["strict-tools"] },
];
