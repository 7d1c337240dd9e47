import { describe, expect, test } from "bun:test";
import { fold, type InferenceResponse } from "../../src/model/inference-response.ts";
import type { FinishReason } from "../../src/model/stream-event.ts";
import { streamed } from "../dialects/any-answer.ts";
import { ANSWER_FEATURES, type AnswerFeature, IMPLIED, meaningOf, type Unsayable } from "./answer-meaning.ts";
import { ANSWER_PROBES, endingFor, SIGNED } from "./answer-probes.ts";
import { asTaken, type ClientDialect, clientDialects, saidStreamed, saidWhole } from "./chat-dialects.ts";

/**
 * What an answer can say, one thing at a time, in every dialect that clients speak: it arrives, whole and streamed, or the
 * list of what that dialect can't say names it.
 */

const FEATURES = Object.keys(ANSWER_FEATURES) as readonly AnswerFeature[];
const REASONS = [
  "stop",
  "stop-sequence",
  "length",
  "tool-calls",
  "content-filter",
  "refusal",
  "pause",
  "other",
] as const satisfies readonly FinishReason[];

/** What a client reads of the answer, whole and streamed. */
function told(
  client: ClientDialect,
  answer: InferenceResponse,
): readonly [InferenceResponse, InferenceResponse] {
  return [saidWhole(client, answer), asTaken(client, fold(saidStreamed(client, events(answer))))];
}

function events(answer: InferenceResponse) {
  const { serviceTier } = answer;
  const all = answer.choices.flatMap((choice, index) =>
    streamed({ ...answer, choices: [choice] }).map((event) =>
      "choice" in event ? { ...event, choice: index } : event,
    ),
  );
  return all.map((event) => (event.type === "start" && serviceTier ? { ...event, serviceTier } : event));
}

/** Where the dialect tells nothing of its own of the answer (/generate), only its choices are compared. */
function arrives(client: ClientDialect, answer: InferenceResponse, unsayable: Unsayable): boolean {
  const meaning = (one: InferenceResponse) => {
    const { id: _id, model: _model, usage, ...rest } = one;
    const isTold = usage !== undefined && client.id !== "generate";
    return meaningOf({ ...rest, ...(isTold && { usage }) }, client.id, unsayable);
  };
  return told(client, answer).every((one) => Bun.deepEquals(meaning(one), meaning(answer)));
}

for (const client of clientDialects) {
  const { unsayable } = client;

  describe(`a client of ${client.id} is told`, () => {
    for (const feature of FEATURES) {
      const isListed = unsayable.features.includes(feature);
      const impliedBy = IMPLIED[feature]?.find((other) => unsayable.features.includes(other));
      if (impliedBy !== undefined) continue;
      test(isListed ? `nothing of ${feature}: ${ANSWER_FEATURES[feature]}` : feature, () => {
        const answer = ANSWER_PROBES[feature];
        const others = { ...unsayable, features: unsayable.features.filter((one) => one !== feature) };
        expect(arrives(client, answer, unsayable)).toBe(true);
        expect(arrives(client, answer, others)).toBe(!isListed);
      });
    }

    for (const reason of REASONS) {
      const said = unsayable.finishReasons[reason];
      test(said === undefined ? `why it ended: ${reason}` : `why it ended: ${said}, for ${reason}`, () => {
        const answer = endingFor(reason);
        expect(arrives(client, answer, unsayable)).toBe(true);
        const { [reason]: _said, ...finishReasons } = unsayable.finishReasons;
        expect(arrives(client, answer, { ...unsayable, finishReasons })).toBe(said === undefined);
      });
    }

    test("the proof of each vendor's reasoning, with the vendor's id of it", () => {
      for (const answer of SIGNED) expect(arrives(client, answer, unsayable)).toBe(true);
    });
  });
}
