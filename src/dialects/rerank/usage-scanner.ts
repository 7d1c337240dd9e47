import type { AnswerFacts } from "../../model/dialect.ts";
import { readAnswer } from "./decode-response.ts";
import { readUsage } from "./usage.ts";

/** Facts about a ranking that passes through. Throws where it is none. */
export function scanResponse(body: unknown): AnswerFacts {
  const usage = readUsage(readAnswer(body).answer);
  return { ...(usage && { usage }), outputBytes: 0, outputEvents: 0 };
}
