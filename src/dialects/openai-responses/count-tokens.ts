import type { AnswerFacts, EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import { PLAIN_FORM } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject } from "../../model/json.ts";
import type { TokenCount } from "../../model/token-count.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { numberMember } from "../json/members.ts";
import { encodeConversation } from "./encode-request.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** What of a request counts: its other members are refused where tokens are only counted. */
const COUNTED: ReadonlySet<string> = new Set([
  "model",
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "text",
  "reasoning",
  "truncation",
  "personality",
]);

/** A request to be counted (https://platform.openai.com/docs/api-reference/responses/input-tokens). */
export function encodeCountRequest(
  request: InferenceRequest<"count-tokens">,
  target: EncodeTarget,
): EncodedRequest {
  const { body, losses } = encodeConversation(request.content(), target);
  const counted = Object.entries(body).filter(([name]) => COUNTED.has(name));
  return { body: JSON.stringify(Object.fromEntries(counted)), losses: losses.list(), form: PLAIN_FORM };
}

/** A provider's count. Throws `upstream_invalid_answer` where it is none, or the failure that it tells. */
export function decodeCount(body: unknown): TokenCount {
  if (isJsonObject(body) && isFailure(body)) throw failureFromWire(body);
  const inputTokens = isJsonObject(body) ? numberMember(body, "input_tokens") : undefined;
  if (inputTokens === undefined || inputTokens < 0)
    throw notAnAnswer("The provider answered 200 with something that is not a count of tokens.");
  return { inputTokens: Math.ceil(inputTokens), source: "reported" };
}

/** Counting consumes nothing. */
export function scanCount(body: unknown): AnswerFacts {
  decodeCount(body);
  return { outputBytes: 0, outputEvents: 0 };
}

/** The answer to such a request. */
export function encodeCount({ inputTokens }: TokenCount): string {
  return JSON.stringify({ object: "response.input_tokens", input_tokens: inputTokens });
}
