import type { AnswerForm } from "../model/dialect.ts";
import type { AnswerOf, Operation } from "../model/operation.ts";
import type { Junction } from "./junction.ts";

/** A whole answer in canonical words. Throws where it can't be read, or tells of a failure that its status hid. */
export function decodeWhole({ upstream }: Junction, parsed: unknown, form: AnswerForm): AnswerOf<Operation> {
  const answer = upstream.decodeResponse(parsed, form);
  if ("error" in answer && answer.error !== undefined) throw answer.error;
  return answer;
}
