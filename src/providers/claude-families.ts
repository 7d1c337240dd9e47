import type { ReasoningEffort } from "../model/conversation.ts";
import type { Feature } from "../model/loss.ts";
import type { FamilyQuirks } from "../model/quirks.ts";
import { FROM_LAST_TURN_OF_CLAUDE } from "./continuations.ts";

const UP_TO_HIGH: readonly ReasoningEffort[] = ["low", "medium", "high"];
const WITHOUT_XHIGH: readonly ReasoningEffort[] = [...UP_TO_HIGH, "max"];
const ALL_EFFORTS: readonly ReasoningEffort[] = [...UP_TO_HIGH, "xhigh", "max"];

/** Since Claude Opus 4.7 every value but the default is refused. */
const SAMPLING: readonly Feature[] = ["temperature", "top-p", "top-k"];

const NO_THINKING: readonly Feature[] = ["reasoning-effort", "reasoning-budget", "reasoning-shown"];

/** No longer is a model made to call a tool (.../docs/en/agents-and-tools/tool-use/define-tools). */
const UNFORCED: FamilyQuirks["toolChoices"] = ["auto", "none"];

const EARLIEST = [
  "*claude-2*",
  "*claude-instant*",
  "*claude-v*",
  "*claude-3-opus*",
  "*claude-3-haiku*",
  "*claude-3-sonnet*",
];

/** The last that take a turn of their own to go on from. */
const UP_TO_4_5 = [
  "*claude-2*",
  "*claude-instant*",
  "*claude-v*",
  "*claude-3*",
  "*claude-opus-4-0*",
  "*claude-opus-4-1*",
  "*claude-opus-4-2025*",
  "*claude-opus-4@*",
  "*claude-opus-4",
  "*claude-sonnet-4-0*",
  "*claude-sonnet-4-2025*",
  "*claude-sonnet-4@*",
  "*claude-sonnet-4",
  "*claude-*-4-5*",
];

/**
 * What holds for each family of Claude models, whoever serves them: names begin with what a platform puts before them
 * (`anthropic.`, `us.anthropic.`) and end with a version.
 * - thinking: https://platform.claude.com/docs/en/build-with-claude/thinking ("configuring thinking") and
 *   .../extended-thinking; efforts: .../effort
 * - schemas enforced: .../structured-outputs; system messages in mid-conversation: .../mid-conversation-system-messages
 * - output limits: https://platform.claude.com/docs/en/about-claude/models/overview
 * - sampling and forced tools: the "migration guide" and "what's new" pages of each model, .../docs/en/models/
 *
 * What stands first holds for all, so that a model not yet known is asked as the newest are.
 */
export const claudeFamilies: readonly FamilyQuirks[] = [
  { reasoningBy: "adaptive", efforts: ALL_EFFORTS, jsonSchema: "native", outputLimit: 128_000 },
  { models: UP_TO_4_5, continues: FROM_LAST_TURN_OF_CLAUDE },
  {
    models: ["*claude-2*", "*claude-instant*", "*claude-3*", "*claude-v*"],
    reasoningBy: "budget",
    efforts: [],
    jsonSchema: "tool",
    outputLimit: 8_192,
    lacks: ["strict-tools"],
  },
  { models: EARLIEST, outputLimit: 4_096 },
  { models: [...EARLIEST, "*claude-3-5*"], lacks: NO_THINKING },
  { models: ["*claude-3-7-sonnet*"], outputLimit: 64_000 },
  {
    models: [
      "*claude-opus-4-0*",
      "*claude-opus-4-1*",
      "*claude-opus-4-2025*",
      "*claude-opus-4@*",
      "*claude-opus-4",
    ],
    reasoningBy: "budget",
    efforts: [],
    jsonSchema: "tool",
    outputLimit: 32_000,
    lacks: ["strict-tools"],
  },
  { models: ["*claude-opus-4-1*"], temperatureOrTopP: true },
  {
    models: ["*claude-sonnet-4-0*", "*claude-sonnet-4-2025*", "*claude-sonnet-4@*", "*claude-sonnet-4"],
    reasoningBy: "budget",
    efforts: [],
    jsonSchema: "tool",
    outputLimit: 64_000,
    lacks: ["strict-tools"],
  },
  {
    models: ["*claude-sonnet-4-5*", "*claude-haiku-4-5*", "*claude-opus-4-5*"],
    reasoningBy: "budget",
    efforts: [],
    outputLimit: 64_000,
    temperatureOrTopP: true,
  },
  { models: ["*claude-opus-4-5*"], efforts: UP_TO_HIGH },
  { models: ["*claude-opus-4-6*", "*claude-sonnet-4-6*"], efforts: WITHOUT_XHIGH, temperatureOrTopP: true },
  { models: ["*claude-opus-4-7*", "*claude-mythos-preview*"], lacks: SAMPLING },
  { models: ["*claude-mythos-preview*"], thinkingOff: "never", thinksByDefault: true },
  { models: ["*claude-opus-4-8*"], lacks: SAMPLING, has: ["late-system-message"] },
  { models: ["*claude-sonnet-5*"], lacks: SAMPLING, thinksByDefault: true },
  {
    models: ["*claude-opus-5*", "*claude-haiku-5*"],
    lacks: SAMPLING,
    has: ["late-system-message"],
    thinksByDefault: true,
  },
  { models: ["*claude-opus-5-5*"], toolChoices: UNFORCED, thinkingOff: "never" },
  {
    models: ["*claude-sonnet-5-5*"],
    toolChoices: UNFORCED,
    has: ["late-system-message"],
    thinkingOff: "between_tools",
  },
  {
    models: ["*claude-fable-*", "*claude-mythos-5*"],
    lacks: SAMPLING,
    has: ["late-system-message"],
    thinkingOff: "never",
    thinksByDefault: true,
  },
  {
    models: ["*claude-fable-5-1*", "*claude-fable-5-2*", "*claude-mythos-5-1*", "*claude-mythos-5-2*"],
    toolChoices: UNFORCED,
  },
] satisfies readonly FamilyQuirks[];

/** The same for a provider of other models too: what holds for all of Claude's is said of those that fit `names` alone. */
export function claudeFamiliesAmong(names: readonly string[]): readonly FamilyQuirks[] {
  return claudeFamilies.map((family) =>
    family.models === undefined ? { ...family, models: names } : family,
  );
}
