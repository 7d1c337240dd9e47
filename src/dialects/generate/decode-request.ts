import type { Conversation, Message } from "../../model/conversation.ts";
import type { RequestSource } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { refuseUnknownMembers } from "./known-members.ts";
import { MESSAGE_MEMBERS, REQUEST_MEMBERS, ROLES } from "./wire.ts";

/**
 * Reads a request of the simple contract. Every member but the prompt may be left out or null, as clients that build
 * one dictionary for all cases send it.
 *
 * `model` of the result is `provider/model`, a model alone, `provider/` for that provider's default model, or empty
 * for the gateway's default.
 */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"chat"> {
  const body = parseJsonBody(bytes).value;
  refuseUnknownMembers(body, REQUEST_MEMBERS, "");
  const messages = messagesOf(body);
  const temperature = optionalNumber(body, "temperature");
  const maxOutputTokens = optionalCount(body, "max_tokens");
  const endUser = endUserOf(body);
  const conversation: Conversation = {
    messages,
    tools: [],
    sampling: {
      ...(temperature !== undefined && { temperature }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
    extensions: {},
  };
  return {
    operation: "chat",
    dialect: "generate",
    model: modelName(body),
    stream: optionalBoolean(body, "stream") ?? false,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(endUser !== undefined && { endUser }),
    bodyBytes: bytes.length,
    content: () => conversation,
  };
}

function modelName(body: JsonObject): string {
  const provider = optionalText(body, "provider") ?? "";
  const model = optionalText(body, "model") ?? "";
  if (provider.includes("/")) throw invalidField("provider", "the name of a provider, without a slash");
  if (provider === "" || model.startsWith(`${provider}/`)) return model;
  return `${provider}/${model}`;
}

/** The system's message first, then the given turns, then the prompt as the last. */
function messagesOf(body: JsonObject): readonly Message[] {
  const system = optionalText(body, "system");
  const prompt = optionalText(body, "prompt") || undefined;
  const turns = turnsOf(body["messages"] ?? []);
  if (prompt === undefined && turns.length === 0) {
    throw new GatewayError("invalid_request", {
      message: "There is nothing to answer: `prompt` is missing or empty.",
      mend: "Send `prompt`, a text, or `messages`, a list of {role, content}.",
      field: "prompt",
    });
  }
  return [
    ...(system === undefined || system === "" ? [] : [textMessage("system", system)]),
    ...turns,
    ...(prompt === undefined ? [] : [textMessage("user", prompt)]),
  ];
}

function turnsOf(messages: unknown): readonly Message[] {
  if (!Array.isArray(messages)) throw invalidField("messages", "a list of {role, content}");
  return messages.map((message, index) => {
    const path = `messages[${index}]`;
    if (!isJsonObject(message)) throw invalidField(path, "an object with role and content");
    refuseUnknownMembers(message, MESSAGE_MEMBERS, `${path}.`);
    const role = ROLES.find((known) => known === message["role"]);
    if (role === undefined) throw invalidField(`${path}.role`, `one of ${ROLES.join(", ")}`);
    const { content } = message;
    if (typeof content !== "string") throw invalidField(`${path}.content`, "a string");
    return textMessage(role, content);
  });
}

function textMessage(role: (typeof ROLES)[number], text: string): Message {
  return { role, content: text === "" ? [] : [{ kind: "text", text }] };
}

function endUserOf(body: JsonObject): string | undefined {
  const metadata = body["metadata"] ?? {};
  if (!isJsonObject(metadata)) throw invalidField("metadata", "an object");
  const user = metadata["user"];
  return typeof user === "string" && user !== "" ? user : undefined;
}

function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw invalidField(name, "a string");
}

function optionalNumber(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  throw invalidField(name, "a number");
}

function optionalCount(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 1))
    return value;
  throw invalidField(name, "a whole number, 1 or more");
}

function optionalBoolean(body: JsonObject, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw invalidField(name, "true or false");
}
