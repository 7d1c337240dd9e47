import type { AnswerFacts } from "../../model/dialect.ts";
import { textMember } from "../json/members.ts";
import { readAnswer, serviceTierOf } from "./decode-response.ts";
import { readUsage } from "./usage.ts";

/** Facts about a whole answer. Throws where it is none. There are no streams to scan: no client speaks this dialect. */
export function scanResponse(body: unknown): AnswerFacts {
  const { answer, content } = readAnswer(body);
  const usage = readUsage(answer["usage"]);
  const finishReason = textMember(answer, "stopReason");
  return {
    ...(usage && { usage }),
    ...(finishReason !== undefined && { finishReason }),
    ...serviceTierOf(answer),
    outputBytes: JSON.stringify(content).length,
    outputEvents: 0,
  };
}
