import type { Conversation } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { FunctionTool, Tool } from "../../model/tool.ts";
import { decodeMessages } from "./decode-contents.ts";
import { either, listOf, numberOf, objectOf, textOf, withoutEither } from "./members.ts";
import { decodeResponseFormat, FORMAT_MEMBERS, isPlainText } from "./response-format.ts";
import { decodeSampling, SAMPLING_MEMBERS } from "./sampling.ts";
import { tierFromGoogle } from "./service-tier.ts";
import { decodeThinking } from "./thinking.ts";
import { decodeToolChoice, decodeTools, isValidated } from "./tools.ts";

/** What members of members that have no canonical place are named by among the extensions: `generationConfig.speechConfig`. */
export const NESTED = ["generationConfig", "toolConfig"] as const;

/**
 * The conversation of a generateContent request. Throws `invalid_request` naming the field where a content can't be
 * understood. What has no canonical form is kept for providers of this same dialect.
 */
export function decodeConversation(body: JsonObject): Conversation {
  const config = objectOf(body, "generationConfig") ?? {};
  const toolConfig = objectOf(body, "toolConfig") ?? {};
  const calling = objectOf(toolConfig, "functionCallingConfig") ?? {};
  const settings = decodeSettings(body, config);
  const toolChoice = decodeToolChoice(calling);
  const tools = decodeTools(listOf(body, "tools"));
  const extension = extensionOf(body, config, toolConfig, settings);
  return {
    messages: decodeMessages(body),
    tools: isValidated(calling) ? tools.map(asStrict) : tools,
    ...(toolChoice && { toolChoice }),
    ...settings,
    sampling: decodeSampling(config),
    ...untranslatableIn(body),
    extensions: Object.keys(extension).length === 0 ? {} : { gemini: extension },
  };
}

/** What stands at Google and nowhere else: without it, the question would be another one. */
const AT_GOOGLE = ["cachedContent", "continuationToken"];

function untranslatableIn(body: JsonObject): Pick<Conversation, "untranslatable"> {
  const field = AT_GOOGLE.find((name) => either(body, name) !== undefined);
  if (field === undefined) return {};
  const message = `\`${field}\` names what Google keeps, and the provider of this model is another.`;
  const mend = `Send the contents themselves instead of \`${field}\`, or use a model of Google's.`;
  return { untranslatable: { dialect: "gemini", field, message, mend } };
}

type Settings = Pick<
  Conversation,
  "responseFormat" | "reasoning" | "choices" | "logProbabilities" | "serviceTier" | "store" | "metadata"
>;

function decodeSettings(body: JsonObject, config: JsonObject): Settings {
  const responseFormat = decodeResponseFormat(config);
  const thinking = objectOf(config, "thinkingConfig");
  const reasoning = thinking && decodeThinking(thinking);
  const choices = numberOf(config, "candidateCount");
  const serviceTier = tierFromGoogle(textOf(body, "serviceTier"));
  const store = either(body, "store");
  const labels = objectOf(body, "labels");
  return {
    ...(responseFormat && { responseFormat }),
    ...(reasoning && { reasoning }),
    ...(choices !== undefined && { choices }),
    ...(either(config, "responseLogprobs") === true && {
      logProbabilities: { alternatives: Math.max(0, Math.trunc(numberOf(config, "logprobs") ?? 0)) },
    }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(typeof store === "boolean" && { store }),
    ...(labels && isTexts(labels) && { metadata: labels }),
  };
}

/** Members that are taken over whole, whatever they hold. */
const TAKEN = [
  "model",
  "contents",
  "systemInstruction",
  "tools",
  "generationConfig",
  "toolConfig",
  "serviceTier",
];
const TAKEN_CONFIG = [
  ...SAMPLING_MEMBERS,
  "thinkingConfig",
  "candidateCount",
  "responseLogprobs",
  "logprobs",
];

function extensionOf(
  body: JsonObject,
  config: JsonObject,
  toolConfig: JsonObject,
  { responseFormat, store, metadata }: Settings,
): JsonObject {
  const isFormatTaken = responseFormat !== undefined || isPlainText(config);
  const takenConfig = isFormatTaken ? [...TAKEN_CONFIG, ...FORMAT_MEMBERS] : TAKEN_CONFIG;
  const taken = [...TAKEN, ...(store === undefined ? [] : ["store"]), ...(metadata ? ["labels"] : [])];
  return {
    ...withoutEither(body, taken),
    ...nested("generationConfig", withoutText(withoutEither(config, takenConfig))),
    ...nested("toolConfig", withoutEither(toolConfig, ["functionCallingConfig"])),
  };
}

function nested(holder: (typeof NESTED)[number], members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${holder}.${name}`, value]));
}

/** To be answered in text is what every model does. */
function withoutText(config: JsonObject): JsonObject {
  const modalities = listOf(config, "responseModalities");
  const isText = modalities.length === 1 && modalities[0] === "TEXT";
  return isText ? withoutEither(config, ["responseModalities"]) : config;
}

function asStrict(tool: Tool): Tool {
  if (tool.kind !== "function") return tool;
  const strict: FunctionTool = { ...tool, strict: true };
  return strict;
}

function isTexts(value: JsonObject): value is { readonly [name: string]: string } {
  return Object.values(value).every((one) => typeof one === "string");
}
