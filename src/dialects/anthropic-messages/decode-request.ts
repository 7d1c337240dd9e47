import type { Conversation } from "../../model/conversation.ts";
import type { RequestSource } from "../../model/dialect.ts";
import type { InferenceRequest, OriginalRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { type JsonBody, parseJsonBody } from "../json/json-body.ts";
import { textMember } from "../json/members.ts";
import { holdsCarriedSignature } from "../translation/carried-signature.ts";
import { decodeConversation } from "./decode-conversation.ts";

/**
 * Reads a Messages request (https://platform.claude.com/docs/en/api/messages). Only what routing, policy and the ledger
 * go by is checked here; the rest is the provider's to judge, so that a member which this gateway has never heard of
 * passes.
 */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"chat"> {
  const parsed = parseJsonBody(bytes);
  const maxOutputTokens = outputBound(parsed.value);
  return {
    operation: "chat",
    ...factsOf(parsed, bytes, maxOutputTokens),
    stream: streamWanted(parsed.value),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** Reads the question how many tokens a request would take (.../docs/en/api/messages-count-tokens). */
export function decodeCountRequest({
  bytes,
}: Pick<RequestSource, "bytes">): InferenceRequest<"count-tokens"> {
  return { operation: "count-tokens", ...factsOf(parseJsonBody(bytes), bytes, undefined), stream: false };
}

type Facts = Omit<InferenceRequest<"chat">, "operation" | "stream" | "maxOutputTokens">;

function factsOf(parsed: JsonBody, bytes: Uint8Array, maxOutputTokens: number | undefined): Facts {
  const body = parsed.value;
  const model = textMember(body, "model");
  const modelSpan = parsed.spanOf("model");
  if (model === undefined || modelSpan === undefined) throw invalidField("model", "the name of a model");
  checkMessages(body["messages"]);
  const { metadata } = body;
  const endUser = isJsonObject(metadata) ? textMember(metadata, "user_id") : undefined;
  const original: OriginalRequest = { bytes, modelSpan, spanOf: parsed.spanOf };
  let conversation: Conversation | undefined;
  return {
    dialect: "anthropic-messages",
    model,
    ...(endUser !== undefined && { endUser }),
    // Another vendor's signature in these bytes Anthropic would refuse: they are said again without it.
    ...(!holdsCarriedSignature(bytes) && { original }),
    bodyBytes: bytes.length,
    content: () => (conversation ??= decodeConversation(body, maxOutputTokens)),
  };
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

/** 0 asks for nothing but a warm cache. */
function outputBound(body: JsonObject): number | undefined {
  const value = body["max_tokens"] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidField("max_tokens", "a whole number");
}
