import type { Conversation } from "../../model/conversation.ts";
import type { RequestSource } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { textMember } from "../json/members.ts";
import { decodeConversation } from "./decode-conversation.ts";

/** More answers than this at once no provider gives. */
const MAX_CHOICES = 128;

/**
 * Reads a legacy completion request (https://platform.openai.com/docs/api-reference/completions/create). Only what
 * routing, policy and the ledger go by is checked here; the rest is the provider's to judge.
 */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"chat"> {
  const parsed = parseJsonBody(bytes);
  const body = parsed.value;
  const model = textMember(body, "model");
  const modelSpan = parsed.spanOf("model");
  if (model === undefined || modelSpan === undefined) throw invalidField("model", "the name of a model");
  checkPrompt(body["prompt"]);
  const choices = wholeNumber(body, "n") ?? 1;
  if (choices < 1 || choices > MAX_CHOICES)
    throw invalidField("n", `a whole number from 1 to ${MAX_CHOICES}`);
  const maxTokens = wholeNumber(body, "max_tokens");
  const endUser = textMember(body, "user");
  let conversation: Conversation | undefined;
  return {
    operation: "chat",
    dialect: "openai-completions",
    model,
    stream: streamWanted(body),
    ...(maxTokens !== undefined && maxTokens > 0 && { maxOutputTokens: maxTokens }),
    ...(choices > 1 && { choices }),
    ...(endUser !== undefined && { endUser }),
    original: { bytes, modelSpan, body, spanOf: parsed.spanOf },
    bodyBytes: bytes.length,
    content: () => (conversation ??= decodeConversation(body)),
  };
}

function checkPrompt(prompt: unknown): void {
  const isKnown =
    prompt === undefined || prompt === null || typeof prompt === "string" || Array.isArray(prompt);
  if (!isKnown) throw invalidField("prompt", "a string, a list of strings, or lists of token ids");
}

function streamWanted(body: JsonObject): boolean {
  const stream = body["stream"] ?? false;
  if (typeof stream !== "boolean") throw invalidField("stream", "true or false");
  return stream;
}

/** Some servers take -1 for "no bound" (llama.cpp): what bounds nothing is the provider's to judge. */
function wholeNumber(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw invalidField(name, "a whole number");
}
