import type { Conversation, ReasoningRequest, Sampling } from "../../model/conversation.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Bounds } from "./bounds.ts";
import { dropLacking, type MemberRule } from "./drop-lacking.ts";
import { fitMessages } from "./fit-messages.ts";
import { fitTools } from "./fit-tools.ts";
import type { Losses } from "./losses.ts";

const SETTINGS: readonly MemberRule<Conversation>[] = [
  { member: "parallelToolCalls", feature: "parallel-tool-calls", harmless: true },
  { member: "verbosity", feature: "verbosity", harmless: "medium" },
  { member: "choices", feature: "choices", harmless: 1 },
  { member: "logProbabilities", feature: "log-probabilities" },
  { member: "cacheKey", feature: "cache-key" },
  { member: "metadata", feature: "metadata" },
  { member: "serviceTier", feature: "service-tier", harmless: "auto" },
  { member: "store", feature: "store", harmless: false },
];

const SAMPLING: readonly MemberRule<Sampling>[] = [
  { member: "temperature", feature: "temperature", harmless: 1 },
  { member: "topP", feature: "top-p", harmless: 1 },
  { member: "topK", feature: "top-k" },
  { member: "stop", feature: "stop" },
  { member: "seed", feature: "seed" },
  { member: "frequencyPenalty", feature: "frequency-penalty", harmless: 0 },
  { member: "presencePenalty", feature: "presence-penalty", harmless: 0 },
];

/** Whether effort and budget can stand for each other is the encoder's to know, so both have one rule here. */
const REASONING: readonly MemberRule<ReasoningRequest>[] = [
  { member: "effort", feature: "reasoning-effort", harmless: "none" },
  { member: "budgetTokens", feature: "reasoning-budget", harmless: 0 },
  { member: "shown", feature: "reasoning-shown", harmless: "auto" },
];

/**
 * The conversation as far as a provider can be asked for it, everything else noted as lost. What comes out can be said
 * in the dialect as it stands, so that an encoder has only to say it. Throws `cannot_translate` for what can't be left
 * out without making another request of it.
 */
export function fitConversation(conversation: Conversation, bounds: Bounds, losses: Losses): Conversation {
  refuseUntranslatable(conversation, bounds);
  const settings = dropLacking(conversation, SETTINGS, bounds, losses);
  const { toolChoice: _toolChoice, serviceTier, reasoning, ...rest } = settings;
  noteForeignExtensions(conversation.extensions, bounds, losses);
  const fittedReasoning = reasoning && dropLacking(reasoning, REASONING, bounds, losses);
  return {
    ...rest,
    ...fitServiceTier(serviceTier, bounds, losses),
    ...fitTools(conversation, bounds, losses),
    ...fitResponseFormat(conversation, bounds, losses),
    messages: fitMessages(conversation.messages, bounds, losses),
    sampling: fitSampling(conversation.sampling, bounds, losses),
    ...(fittedReasoning !== undefined &&
      Object.keys(fittedReasoning).length > 0 && { reasoning: fittedReasoning }),
  };
}

function refuseUntranslatable({ untranslatable }: Conversation, { dialect }: Bounds): void {
  if (untranslatable === undefined || untranslatable.dialect === dialect) return;
  const { field, message, mend } = untranslatable;
  throw new GatewayError("cannot_translate", { message, mend, field });
}

function fitSampling(sampling: Sampling, bounds: Bounds, losses: Losses): Sampling {
  const { temperature, stop, ...rest } = dropLacking(sampling, SAMPLING, bounds, losses);
  const { maxTemperature = Number.POSITIVE_INFINITY, maxStopSequences = Number.POSITIVE_INFINITY } = bounds;
  const isTooHot = temperature !== undefined && temperature > maxTemperature;
  const hasTooMany = stop !== undefined && stop.length > maxStopSequences;
  if (isTooHot) losses.add("temperature", `${maxTemperature} was sent, the most it takes`);
  if (hasTooMany) losses.add("stop", `the first ${maxStopSequences} were sent, the most it takes`);
  return {
    ...rest,
    ...(temperature !== undefined && { temperature: isTooHot ? maxTemperature : temperature }),
    ...(stop !== undefined && { stop: hasTooMany ? stop.slice(0, maxStopSequences) : stop }),
    ...fitOutputBound(sampling, bounds, losses),
  };
}

/** A bound outside of what is taken would be refused, though the answer may well keep within it. */
function fitOutputBound(
  { maxOutputTokens: asked }: Sampling,
  { minOutputTokens = 1, maxOutputTokens = Number.POSITIVE_INFINITY }: Bounds,
  losses: Losses,
): Pick<Sampling, "maxOutputTokens"> {
  if (asked === undefined) return {};
  const taken = Math.max(Math.min(asked, maxOutputTokens), minOutputTokens);
  if (taken < asked) losses.add("max-output-tokens", `${taken} was sent, the most it takes`);
  if (taken > asked) losses.add("max-output-tokens", `${taken} was sent, the least it takes`);
  return { maxOutputTokens: taken };
}

function fitServiceTier(
  serviceTier: string | undefined,
  { serviceTierWords }: Bounds,
  losses: Losses,
): Pick<Conversation, "serviceTier"> {
  if (serviceTier === undefined) return {};
  if (serviceTierWords === undefined || serviceTierWords.includes(serviceTier)) return { serviceTier };
  if (serviceTier !== "auto") losses.add("service-tier", "left out");
  return {};
}

/** A schema is more than "some JSON": where only the latter is known, it is asked for. */
function fitResponseFormat(
  { responseFormat }: Conversation,
  { lacks }: Bounds,
  losses: Losses,
): Pick<Conversation, "responseFormat"> {
  if (responseFormat === undefined) return {};
  if (responseFormat.kind === "json-schema" && lacks.has("json-schema")) {
    const isJsonKnown = !lacks.has("json-object");
    losses.add("json-schema", isJsonKnown ? "any JSON object was asked for" : "left out");
    return isJsonKnown ? { responseFormat: { kind: "json-object" } } : {};
  }
  if (responseFormat.kind === "json-object" && lacks.has("json-object")) {
    losses.add("json-object", "left out");
    return {};
  }
  return { responseFormat };
}

/**
 * Members that only say how the answer is to be wrapped, which the client's own dialect does here, and the one that is
 * kept as the client wrote it beside its canonical word.
 */
const OF_THE_WRAPPING: ReadonlySet<string> = new Set(["stream_options", "max_completion_tokens"]);

/** Members that no canonical word stands for reach their own dialect alone. */
export function noteForeignExtensions(
  extensions: { readonly [dialect: string]: JsonObject },
  { dialect, sameMembers = [] }: Bounds,
  losses: Losses,
): void {
  for (const [home, members] of Object.entries(extensions)) {
    if (home === dialect) continue;
    for (const [name, value] of Object.entries(members)) {
      const isSaid = value !== null && value !== undefined && !OF_THE_WRAPPING.has(name);
      if (sameMembers.includes(name)) continue;
      if (isSaid) losses.add("extension", "left out", name);
    }
  }
}
