import type { Conversation } from "../../model/conversation.ts";
import {
  type AnswerFacts,
  type EncodedRequest,
  type EncodeTarget,
  PLAIN_FORM,
  type RequestSource,
} from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { TokenCount } from "../../model/token-count.ts";
import { NO_USAGE } from "../../model/usage.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { readAction } from "./actions.ts";
import { decodeConversation } from "./decode-conversation.ts";
import { checkContents } from "./decode-request.ts";
import { type EncodedConversation, encodeConversation } from "./encode-request.ts";
import { objectText } from "./json-text.ts";
import { numberOf, objectOf } from "./members.ts";
import { modelPath, withModel } from "./model-members.ts";

const WRAPPER = "generateContentRequest";

/**
 * Reads a request to countTokens (https://ai.google.dev/api/tokens): contents alone, or a whole request to
 * generateContent inside.
 */
export function decodeCountRequest({ bytes, pathRest }: RequestSource): InferenceRequest<"count-tokens"> {
  const { model } = readAction(pathRest);
  const { value: body, spanOf } = parseJsonBody(bytes);
  const inner = objectOf(body, WRAPPER);
  checkContents(inner ?? body, inner === undefined ? "contents" : `${WRAPPER}.contents`);
  let conversation: Conversation | undefined;
  return {
    operation: "count-tokens",
    dialect: "gemini",
    model,
    stream: false,
    original: { bytes, spanOf, renamed: (name) => withModel(body, [WRAPPER], name) },
    bodyBytes: bytes.length,
    content: () => (conversation ??= decodeConversation(inner ?? body)),
  };
}

/** Contents alone where that is all there is; else as the server wants a whole request put, since all of it counts. */
export function encodeCountRequest(
  request: InferenceRequest<"count-tokens">,
  { model, quirks }: EncodeTarget,
): EncodedRequest {
  const { members, losses } = encodeConversation(request.content(), quirks);
  const body = quirks.countedAs === "plain" ? plain(members) : wrapped(members, model);
  return { body, losses: losses.list(), form: PLAIN_FORM };
}

function wrapped(members: EncodedConversation["members"], model: string): string {
  const { contents, ...rest } = members;
  if (Object.values(rest).every((value) => value === undefined)) return objectText({ contents });
  return objectText({ [WRAPPER]: objectText({ model: JSON.stringify(modelPath(model)), ...members }) });
}

function plain({
  contents,
  systemInstruction,
  tools,
  generationConfig,
}: EncodedConversation["members"]): string {
  return objectText({ contents, systemInstruction, tools, generationConfig });
}

/** Throws `upstream_invalid_answer` where it tells no count. */
export function decodeCount(body: unknown): TokenCount {
  const inputTokens = isJsonObject(body) ? numberOf(body, "totalTokens") : undefined;
  if (!isJsonObject(body) || inputTokens === undefined)
    throw notAnAnswer("The provider answered with something that is not a count of tokens.");
  const cached = numberOf(body, "cachedContentTokenCount");
  return { inputTokens, ...(cached !== undefined && { cachedInputTokens: cached }), source: "reported" };
}

/** Counting costs nothing and uses nothing. */
export function scanCount(body: unknown): AnswerFacts {
  decodeCount(body);
  return { usage: { ...NO_USAGE, source: "reported" }, outputBytes: 0, outputEvents: 0 };
}

/** An answer of countTokens. */
export function encodeCount(count: TokenCount): string {
  const { inputTokens, cachedInputTokens } = count;
  const wire: JsonObject = {
    totalTokens: inputTokens,
    ...(cachedInputTokens !== undefined && { cachedContentTokenCount: cachedInputTokens }),
  };
  return JSON.stringify(wire);
}
