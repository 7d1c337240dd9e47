import type { Conversation, ReasoningEffort } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { textMember, withoutMembers } from "../json/members.ts";
import { isEffort } from "../translation/reasoning-budget.ts";
import { decodeMessage } from "./messages.ts";
import { decodeResponseFormat, isWhollyCanonical } from "./response-format.ts";
import { decodeSampling, isSamplingMember } from "./sampling.ts";
import { decodeTool, decodeToolChoice } from "./tools.ts";

/**
 * The conversation of a request whose facts decode-request.ts has checked. Throws `invalid_request` naming the field
 * where a message can't be understood. What has no canonical form is kept for providers of this same dialect.
 */
export function decodeConversation(body: JsonObject, maxOutputTokens: number | undefined): Conversation {
  const settings = decodeSettings(body);
  const taken = new Set([...ALWAYS_TAKEN, ...takenMembers(body, settings)]);
  const extension = withoutMembers(body, taken);
  return {
    messages: messagesOf(body),
    tools: toolsOf(body),
    ...settings,
    sampling: decodeSampling(body, maxOutputTokens),
    extensions: Object.keys(extension).length === 0 ? {} : { "openai-chat": extension },
  };
}

/** Members that are taken over whole, whatever they hold. */
const ALWAYS_TAKEN = [
  "model",
  "messages",
  "stream",
  "max_tokens",
  "tools",
  "user",
  "safety_identifier",
  "top_logprobs",
];

/** The canonical setting that each member becomes. A member whose value has no canonical form stays an extension. */
const MEMBERS = {
  tool_choice: "toolChoice",
  parallel_tool_calls: "parallelToolCalls",
  response_format: "responseFormat",
  reasoning_effort: "reasoning",
  verbosity: "verbosity",
  n: "choices",
  logprobs: "logProbabilities",
  prompt_cache_key: "cacheKey",
  metadata: "metadata",
  service_tier: "serviceTier",
  store: "store",
} as const satisfies { readonly [member: string]: keyof Conversation };

type Settings = Partial<Pick<Conversation, (typeof MEMBERS)[keyof typeof MEMBERS]>>;

function decodeSettings(body: JsonObject): Settings {
  const toolChoice = decodeToolChoice(body["tool_choice"]);
  const responseFormat = decodeResponseFormat(body["response_format"]);
  const effort = effortOf(body);
  const { parallel_tool_calls: parallel, n, metadata, store, verbosity } = body;
  const cacheKey = textMember(body, "prompt_cache_key");
  const serviceTier = textMember(body, "service_tier");
  return {
    ...(toolChoice && { toolChoice }),
    ...(typeof parallel === "boolean" && { parallelToolCalls: parallel }),
    ...(responseFormat && { responseFormat }),
    ...(effort && { reasoning: { effort } }),
    ...((verbosity === "low" || verbosity === "medium" || verbosity === "high") && { verbosity }),
    ...(typeof n === "number" && { choices: n }),
    ...(body["logprobs"] === true && { logProbabilities: { alternatives: alternativesOf(body) } }),
    ...(cacheKey !== undefined && { cacheKey }),
    ...(isTexts(metadata) && { metadata }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(typeof store === "boolean" && { store }),
  };
}

/** The members of which nothing need be kept beside their canonical form; null says nothing. */
function takenMembers(body: JsonObject, settings: Settings): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (isSamplingMember(name, body)) return [name];
    if (!Object.hasOwn(MEMBERS, name)) return [];
    const canonical = settings[MEMBERS[name as keyof typeof MEMBERS]];
    const isWhole = name !== "response_format" || isWhollyCanonical(value);
    const isSilent = value === null || (name === "logprobs" && value === false);
    return isSilent || (canonical !== undefined && isWhole) ? [name] : [];
  });
}

function messagesOf(body: JsonObject): Conversation["messages"] {
  const { messages } = body;
  if (!Array.isArray(messages)) throw invalidField("messages", "a list of messages");
  return messages.map((message, index) => {
    if (!isJsonObject(message)) throw invalidField(`messages[${index}]`, "an object");
    return decodeMessage(message, `messages[${index}]`);
  });
}

function toolsOf(body: JsonObject): Conversation["tools"] {
  const { tools } = body;
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidField("tools", "a list of tools");
  return tools.map((tool, index) => {
    const decoded = decodeTool(tool);
    if (decoded === undefined) throw invalidField(`tools[${index}]`, "a tool with its name");
    return decoded;
  });
}

function effortOf(body: JsonObject): ReasoningEffort | undefined {
  const effort = body["reasoning_effort"];
  return isEffort(effort) ? effort : undefined;
}

function alternativesOf(body: JsonObject): number {
  const wanted = body["top_logprobs"];
  return typeof wanted === "number" && Number.isSafeInteger(wanted) && wanted > 0 ? wanted : 0;
}

function isTexts(value: unknown): value is { readonly [name: string]: string } {
  return isJsonObject(value) && Object.values(value).every((one) => typeof one === "string");
}
