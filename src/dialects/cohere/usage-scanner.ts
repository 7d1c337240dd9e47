import type { AnswerFacts } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";
import { readAnswer } from "./decode-response.ts";
import { readUsage } from "./usage.ts";

/** Facts about a whole chat. Throws where it is none. There are no streams to scan: no client speaks this dialect. */
export function scanResponse(body: unknown): AnswerFacts {
  const { answer, message } = readAnswer(body);
  const finishReason = textMember(answer, "finish_reason");
  return {
    ...usageOf(answer["usage"]),
    ...(finishReason !== undefined && { finishReason }),
    outputBytes: JSON.stringify(message).length,
    outputEvents: 0,
  };
}

/** Facts about an embedding or a ranking, whose usage stands in `meta`. */
export function scanMeta(body: unknown): AnswerFacts {
  return { ...usageOf(isJsonObject(body) ? body["meta"] : undefined), outputBytes: 0, outputEvents: 0 };
}

function usageOf(value: unknown): Pick<AnswerFacts, "usage"> {
  const usage = readUsage(value);
  return usage === undefined ? {} : { usage };
}
