import type { FamilyQuirks } from "../model/quirks.ts";

/**
 * What holds for each family of Google's models, whoever serves them, later ones before earlier ones. What no pattern but the first fits is taken for a model of the
 * newest kind (https://ai.google.dev/gemini-api/docs/models, /docs/thinking, /docs/gemini-3, /docs/thought-signatures).
 */
export const geminiFamilies: readonly FamilyQuirks[] = [
  {
    reasoningBy: "level",
    efforts: ["low", "medium", "high"],
    unsignedCalls: "refused",
    outputLimit: 65_536,
  },
  // Pro models think a little at least; the first could only choose between little and much.
  { models: ["gemini-3-pro*"], efforts: ["low", "high"] },
  {
    models: ["gemini-3-flash*", "gemini-3.1-flash*", "gemini-3.5-flash*", "gemini-3.6-flash*"],
    efforts: ["minimal", "low", "medium", "high"],
  },
  // Samples as it sees fit, and passes over what is asked of that.
  { models: ["gemini-4-argon*"], lacks: ["temperature", "top-p", "top-k"] },
  {
    models: ["gemini-2.5-*"],
    // "Penalty is not enabled for this model".
    lacks: ["frequency-penalty", "presence-penalty", "tool-result-media"],
    reasoningBy: "budget",
    reasoningBudget: { least: 1, most: 24_576, off: true },
    unsignedCalls: "taken",
    jsonBesideTools: "refused",
  },
  { models: ["gemini-2.5-flash-lite*"], reasoningBudget: { least: 512, most: 24_576, off: true } },
  { models: ["gemini-2.5-pro*"], reasoningBudget: { least: 128, most: 32_768, off: false } },
  {
    models: ["gemini-1*", "gemini-2.0-*", "gemini-pro*", "gemini-flash-1*"],
    lacks: [
      "image-url",
      "document-url",
      "tool-result-media",
      "strict-tools",
      "reasoning-effort",
      "reasoning-budget",
      "reasoning-shown",
    ],
    unsignedCalls: "taken",
    jsonBesideTools: "refused",
    outputLimit: 8_192,
  },
  // Models that paint or speak: neither tools nor thoughts are asked of them.
  {
    models: ["*-image*", "*-tts*"],
    lacks: ["reasoning-effort", "reasoning-budget", "json-schema", "json-object"],
    unsignedCalls: "taken",
    outputLimit: 32_768,
  },
  { models: ["*-tts*", "gemini-2.*-image*"], lacks: ["tools"] },
  {
    models: ["gemma-*"],
    lacks: ["document-base64", "document-url", "strict-tools"],
    efforts: ["minimal", "high"],
    unsignedCalls: "taken",
    outputLimit: 32_768,
  },
  {
    models: ["gemma-2*", "gemma-3*"],
    lacks: [
      "tools",
      "json-schema",
      "json-object",
      "audio",
      "video",
      "reasoning-effort",
      "reasoning-budget",
      "reasoning-shown",
    ],
    // "Developer instruction is not enabled for models/gemma-3".
    instructionRole: "user",
    outputLimit: 8_192,
  },
  // Its instructions say what an embedding is for.
  { models: ["gemini-embedding-2*"], lacks: ["embedding-purpose", "embedding-title"] },
] satisfies readonly FamilyQuirks[];

/** The same for a provider of other models too: what holds for all of Google's is said of those that fit `names` alone. */
export function geminiFamiliesAmong(names: readonly string[]): readonly FamilyQuirks[] {
  return geminiFamilies.map((family) =>
    family.models === undefined ? { ...family, models: names } : family,
  );
}
