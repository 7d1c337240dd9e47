import type { AnswerFacts } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import type { TokenCount } from "../../model/token-count.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { numberMember } from "../json/members.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A provider's count: `{"input_tokens"}` (https://platform.claude.com/docs/en/api/messages-count-tokens). */
export function decodeTokenCount(body: unknown): TokenCount {
  if (isJsonObject(body) && isFailure(body)) throw failureFromWire(body);
  const inputTokens = isJsonObject(body) ? numberMember(body, "input_tokens") : undefined;
  if (inputTokens === undefined || inputTokens < 0)
    throw notAnAnswer("The provider answered 200 with something that is not a count of tokens.");
  return { inputTokens: Math.ceil(inputTokens), source: "reported" };
}

/** Counting consumes nothing. */
export function scanTokenCount(body: unknown): AnswerFacts {
  decodeTokenCount(body);
  return { outputBytes: 0, outputEvents: 0 };
}
