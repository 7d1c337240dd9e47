import type { Conversation, ReasoningRequest, Sampling } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { numberMember, textMember, withoutMembers } from "../json/members.ts";
import { isEffort } from "../translation/reasoning-budget.ts";
import { decodeInput } from "./decode-input.ts";
import { providerState } from "./provider-state.ts";
import { decodeTextSettings, extendedText } from "./text-settings.ts";
import { decodeToolChoice, decodeTools } from "./tools.ts";

/** What makes the log probabilities of the answer's tokens come with it. */
export const WITH_PROBABILITIES = "message.output_text.logprobs";
/** What makes the proof of the model's reasoning come with it. */
export const WITH_PROOF = "reasoning.encrypted_content";

/**
 * The conversation of a request whose facts decode-request.ts has checked. Throws `invalid_request` naming the field
 * where an item can't be understood. What has no canonical form is kept for providers of this same dialect.
 */
export function decodeConversation(body: JsonObject, maxOutputTokens: number | undefined): Conversation {
  const untranslatable = providerState(body);
  const extension = extensionOf(body);
  return {
    messages: decodeInput(body),
    tools: decodeTools(body["tools"]),
    ...decodeSettings(body),
    sampling: decodeSampling(body, maxOutputTokens),
    ...(untranslatable && { untranslatable }),
    extensions: Object.keys(extension).length === 0 ? {} : { "openai-responses": extension },
  };
}

/** Members of which all that can be said is said in canonical words. */
const TAKEN: ReadonlySet<string> = new Set([
  "model",
  "input",
  "instructions",
  "tools",
  "stream",
  "max_output_tokens",
  "user",
  "safety_identifier",
  "top_logprobs",
  "text",
  "reasoning",
  "include",
]);

/** Members that a value of this kind says nothing by: what is meant without them. */
const USUAL: { readonly [member: string]: unknown } = { truncation: "disabled", background: false };

function decodeSettings(body: JsonObject): Partial<Conversation> {
  const toolChoice = decodeToolChoice(body["tool_choice"]);
  const reasoning = decodeReasoning(body["reasoning"]);
  const { parallel_tool_calls: parallel, metadata, store } = body;
  const cacheKey = textMember(body, "prompt_cache_key");
  const serviceTier = textMember(body, "service_tier");
  const alternatives = alternativesOf(body);
  return {
    ...(toolChoice && { toolChoice }),
    ...(typeof parallel === "boolean" && { parallelToolCalls: parallel }),
    ...decodeTextSettings(body["text"]),
    ...(reasoning && { reasoning }),
    ...(alternatives !== undefined && { logProbabilities: { alternatives } }),
    ...(cacheKey !== undefined && { cacheKey }),
    ...(isTexts(metadata) && { metadata }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(typeof store === "boolean" && { store }),
  };
}

function decodeReasoning(asked: unknown): ReasoningRequest | undefined {
  if (!isJsonObject(asked)) return undefined;
  const { effort, summary = asked["generate_summary"] } = asked;
  const reasoning: ReasoningRequest = {
    ...(isEffort(effort) && { effort }),
    ...((summary === "auto" || summary === "concise" || summary === "detailed") && { shown: summary }),
  };
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function decodeSampling(body: JsonObject, maxOutputTokens: number | undefined): Sampling {
  const temperature = numberMember(body, "temperature");
  const topP = numberMember(body, "top_p");
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

function alternativesOf(body: JsonObject): number | undefined {
  const wanted = numberMember(body, "top_logprobs") ?? 0;
  if (Number.isSafeInteger(wanted) && wanted > 0) return wanted;
  return listMember(body, "include").includes(WITH_PROBABILITIES) ? 0 : undefined;
}

function extensionOf(body: JsonObject): JsonObject {
  const settings = decodeSettings(body);
  const taken = new Set([...TAKEN, ...plainMembers(body, settings)]);
  const text = extendedText(body["text"], settings);
  const reasoning = extendedReasoning(body["reasoning"]);
  const include = listMember(body, "include").filter(
    (one) => one !== WITH_PROBABILITIES && one !== WITH_PROOF,
  );
  return {
    ...withoutMembers(body, taken),
    ...(Object.keys(text).length > 0 && { text }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(include.length > 0 && { include }),
  };
}

/** The canonical setting that each member becomes, where its value has one. */
const MEMBERS = {
  tool_choice: "toolChoice",
  parallel_tool_calls: "parallelToolCalls",
  prompt_cache_key: "cacheKey",
  metadata: "metadata",
  service_tier: "serviceTier",
  store: "store",
} as const satisfies { readonly [member: string]: keyof Conversation };

const NUMBERS: ReadonlySet<string> = new Set(["temperature", "top_p"]);

function plainMembers(body: JsonObject, settings: Partial<Conversation>): readonly string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const isSilent = value === null || (Object.hasOwn(USUAL, name) && USUAL[name] === value);
    const isNumber = NUMBERS.has(name) && numberMember(body, name) !== undefined;
    const isCanonical =
      Object.hasOwn(MEMBERS, name) && settings[MEMBERS[name as keyof typeof MEMBERS]] !== undefined;
    return isSilent || isNumber || isCanonical ? [name] : [];
  });
}

function extendedReasoning(asked: unknown): JsonObject {
  if (!isJsonObject(asked)) return {};
  const { effort, ...rest } = withoutMembers(asked, new Set(["summary", "generate_summary"]));
  const spoken = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return { ...spoken, ...(effort !== undefined && effort !== null && !isEffort(effort) && { effort }) };
}

function listMember(body: JsonObject, name: string): readonly unknown[] {
  const value = body[name];
  return Array.isArray(value) ? value : [];
}

function isTexts(value: unknown): value is { readonly [name: string]: string } {
  return isJsonObject(value) && Object.values(value).every((one) => typeof one === "string");
}
