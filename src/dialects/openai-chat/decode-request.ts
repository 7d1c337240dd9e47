import type { Conversation } from "../../model/conversation.ts";
import type { RequestSource } from "../../model/dialect.ts";
import type { InferenceRequest, OriginalRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Writable } from "../../model/writable.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { textMember } from "../json/members.ts";
import { decodeConversation } from "./decode-conversation.ts";

/** More answers than this at once no provider gives. */
const MAX_CHOICES = 128;

/**
 * Reads a chat completion request (https://platform.openai.com/docs/api-reference/chat/create). Only what routing,
 * policy and the ledger go by is checked here; the rest is the provider's to judge, so that a member which this
 * gateway has never heard of passes.
 */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"chat"> {
  const parsed = parseJsonBody(bytes);
  const body = parsed.value;
  const model = textMember(body, "model");
  const modelSpan = parsed.spanOf("model");
  if (model === undefined || modelSpan === undefined) throw invalidField("model", "the name of a model");
  checkMessages(body["messages"]);
  const maxOutputTokens = outputBound(body);
  const choices = choicesWanted(body);
  const endUser = textMember(body, "safety_identifier") ?? textMember(body, "user");
  const original: OriginalRequest = { bytes, modelSpan, spanOf: parsed.spanOf };
  let conversation: Conversation | undefined;
  const request: Writable<InferenceRequest<"chat">> = {
    operation: "chat",
    dialect: "openai-chat",
    model,
    stream: streamWanted(body),
    original,
    bodyBytes: bytes.length,
    content: () => (conversation ??= decodeConversation(body, maxOutputTokens)),
  };
  if (maxOutputTokens !== undefined) request.maxOutputTokens = maxOutputTokens;
  if (choices > 1) request.choices = choices;
  if (endUser !== undefined) request.endUser = endUser;
  return request;
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalidField("messages", "a list of at least one message");
  for (let index = 0; index < messages.length; index++) {
    const message: unknown = messages[index];
    if (!isJsonObject(message)) throw invalidField(`messages[${index}]`, "an object");
    if (typeof message["role"] !== "string") throw invalidField(`messages[${index}].role`, "a string");
  }
}

function streamWanted(body: JsonObject): boolean {
  const stream = body["stream"] ?? false;
  if (typeof stream !== "boolean") throw invalidField("stream", "true or false");
  return stream;
}

/**
 * Where both are given, the larger: it is what must be reserved, whichever of them the provider goes by. Some servers
 * take -1 for "no bound" (llama.cpp): what bounds nothing is the provider's to judge.
 */
function outputBound(body: JsonObject): number | undefined {
  const older = wholeNumber(body, "max_tokens") ?? 0;
  const newer = wholeNumber(body, "max_completion_tokens") ?? 0;
  const larger = Math.max(older, newer);
  return larger > 0 ? larger : undefined;
}

function wholeNumber(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw invalidField(name, "a whole number");
}

function choicesWanted(body: JsonObject): number {
  const wanted = wholeNumber(body, "n") ?? 1;
  if (wanted < 1 || wanted > MAX_CHOICES) throw invalidField("n", `a whole number from 1 to ${MAX_CHOICES}`);
  return wanted;
}
