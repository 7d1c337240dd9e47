import type { Conversation } from "../../model/conversation.ts";
import type { RequestSource } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { readAction } from "./actions.ts";
import { holdsForeignSignature } from "./blocks/signature.ts";
import { decodeConversation } from "./decode-conversation.ts";
import { either, listOf, numberOf, objectOf } from "./members.ts";

/** More answers than this at once no provider gives. */
const MAX_CHOICES = 128;

/**
 * Reads a request to generateContent or streamGenerateContent (https://ai.google.dev/api/generate-content). The model
 * and whether it is a stream stand in the path. Only what routing, policy and the ledger go by is checked here; the
 * rest is the provider's to judge, so that a member which this gateway has never heard of passes.
 */
export function decodeRequest({ bytes, pathRest }: RequestSource): InferenceRequest<"chat"> {
  const { model, action } = readAction(pathRest);
  const { value: body, spanOf } = parseJsonBody(bytes);
  checkContents(body, "contents");
  const maxOutputTokens = outputBound(body);
  const choices = choicesOf(body);
  let conversation: Conversation | undefined;
  return {
    operation: "chat",
    dialect: "gemini",
    model,
    stream: action === "streamGenerateContent",
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(choices > 1 && { choices }),
    ...(!holdsForeignSignature(bytes) && { original: { bytes, spanOf } }),
    bodyBytes: bytes.length,
    content: () => (conversation ??= decodeConversation(body)),
  };
}

/** Throws where there is nothing to answer. */
export function checkContents(body: JsonObject, path: string): void {
  if (listOf(body, "contents").length === 0) throw invalidField(path, "a list of at least one content");
}

function outputBound(body: JsonObject): number | undefined {
  const config = objectOf(body, "generationConfig");
  if (config === undefined) return undefined;
  const bound = wholeNumber(config, "maxOutputTokens");
  // What bounds nothing is the provider's to judge.
  return bound !== undefined && bound > 0 ? bound : undefined;
}

function choicesOf(body: JsonObject): number {
  const config = objectOf(body, "generationConfig");
  const wanted = (config && wholeNumber(config, "candidateCount")) ?? 1;
  if (wanted >= 0 && wanted <= MAX_CHOICES) return wanted;
  throw invalidField("generationConfig.candidateCount", `a whole number from 1 to ${MAX_CHOICES}`);
}

function wholeNumber(config: JsonObject, name: string): number | undefined {
  if (either(config, name) === undefined) return undefined;
  const value = numberOf(config, name);
  if (value !== undefined && Number.isSafeInteger(value)) return value;
  throw invalidField(`generationConfig.${name}`, "a whole number");
}
