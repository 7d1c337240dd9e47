import type { Conversation } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { withoutMembers } from "../json/members.ts";
import { decodeMessages } from "./decode-messages.ts";
import { decodeReasoning, thinkingExtension } from "./decode-reasoning.ts";
import { decodeResponseFormat } from "./response-format.ts";
import { decodeSampling, isSamplingMember } from "./sampling.ts";
import { decodeServiceTier } from "./service-tier.ts";
import { threadIn } from "./thread.ts";
import { decodeTool, decodeToolChoice } from "./tools.ts";

/** Members that are taken over whole, or in part with their rest in the extension. */
const TAKEN = [
  "model",
  "messages",
  "system",
  "stream",
  "max_tokens",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  "service_tier",
];

/**
 * The conversation of a request whose facts decode-request.ts has checked. Throws `invalid_request` naming the field
 * where a message can't be understood. What has no canonical form is kept for providers of this same dialect.
 */
export function decodeConversation(body: JsonObject, maxOutputTokens: number | undefined): Conversation {
  const config = isJsonObject(body["output_config"]) ? body["output_config"] : {};
  const reasoning = decodeReasoning(body["thinking"], config["effort"]);
  const responseFormat = decodeResponseFormat(config["format"] ?? body["output_format"]);
  const serviceTier = decodeServiceTier(body["service_tier"]);
  const untranslatable = threadIn(body);
  const extension = extensionOf(body, config, responseFormat !== undefined);
  return {
    messages: decodeMessages(body),
    tools: toolsOf(body),
    ...decodeToolChoice(body["tool_choice"]),
    ...(responseFormat && { responseFormat }),
    ...(reasoning && { reasoning }),
    sampling: decodeSampling(body, maxOutputTokens),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(untranslatable && { untranslatable }),
    extensions: Object.keys(extension).length === 0 ? {} : { "anthropic-messages": extension },
  };
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

function extensionOf(body: JsonObject, config: JsonObject, hasFormat: boolean): JsonObject {
  const sampling = Object.keys(body).filter((name) => isSamplingMember(name, body));
  const rest = withoutMembers(body, new Set([...TAKEN, ...sampling]));
  const configRest = withoutMembers(config, new Set(["effort", ...(hasFormat ? ["format"] : [])]));
  const { metadata } = body;
  const metadataRest = isJsonObject(metadata) ? withoutMembers(metadata, new Set(["user_id"])) : {};
  const thinking = thinkingExtension(body["thinking"]);
  return {
    ...rest,
    ...(Object.keys(configRest).length > 0 && { output_config: configRest }),
    ...(Object.keys(metadataRest).length > 0 && { metadata: metadataRest }),
    ...(thinking && { thinking }),
  };
}
