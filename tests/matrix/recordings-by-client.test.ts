import { describe, expect, test } from "bun:test";
import { fold, type InferenceResponse } from "../../src/model/inference-response.ts";
import { receipt } from "../dialects/chat.ts";
import { ANSWER_FEATURES, meaningOf, unsayableInStreams } from "./answer-meaning.ts";
import {
  asTaken,
  clientDialects,
  framed,
  providerDialects,
  readerOfProvider,
  readStream,
  saidStreamed,
  saidWhole,
} from "./chat-dialects.ts";
import { recordedStreams, recordedWholes } from "./recorded-answers.ts";

/**
 * Every recorded answer, said in every dialect that clients speak and read again, means what the provider's does: but
 * for what the dialect can't say, which is printed here.
 */

for (const { id, unsayable } of clientDialects) {
  const { features, finishReasons, usage, usageWithin = {}, usageWithinInStreams = {} } = unsayable;
  const reasons = Object.entries(finishReasons).map(([reason, said]) => `${reason} is said as ${said}`);
  const within = Object.entries(usageWithin).map(([count, whole]) => `${count} counts as ${whole}`);
  const late = Object.entries(usageWithinInStreams).map(
    ([count, whole]) => `${count} counts as ${whole} in a stream`,
  );
  const lost = [
    ...features.map((feature) => ANSWER_FEATURES[feature]),
    ...reasons,
    ...usage.map((count) => `${count} is not told`),
    ...within,
    ...late,
  ];
  console.log(`${id}, of any provider's answer: ${lost.join("; ")}`);
}

test("there are recordings to go by, of every dialect that is spoken upstream", () => {
  for (const { id } of providerDialects) {
    const count = [...recordedWholes, ...recordedStreams].filter(({ provider }) => provider.id === id).length;
    if (count === 0) console.log(`skipped: recordings of ${id}: none is here`);
  }
  expect(recordedWholes.length).toBeGreaterThanOrEqual(15);
  expect(recordedStreams.length).toBeGreaterThanOrEqual(15);
});

for (const client of clientDialects) {
  const expectSame = (
    told: InferenceResponse,
    answer: InferenceResponse,
    unsayable = client.unsayable,
  ): void => {
    const meaning = (response: InferenceResponse) => meaningOf(response, client.id, unsayable);
    expect(meaning(asFarAsTold(told, answer))).toEqual(meaning(asFarAsTold(answer, answer)));
  };

  describe(`to clients of ${client.id}, whole`, () => {
    for (const { name, provider, body } of recordedWholes) {
      test(name, () => {
        const answer = readerOfProvider(provider).whole(body);
        expectSame(saidWhole(client, answer), withReceipt(answer, client.id));
      });
    }
  });

  describe(`to clients of ${client.id}, streamed`, () => {
    for (const { name, provider, payloads } of recordedStreams) {
      test(name, () => {
        const events = readStream(readerOfProvider(provider), [framed(provider, payloads)]);
        const answer = fold(events);
        const streamed = asTaken(client, fold(saidStreamed(client, events)));
        const unsayable = unsayableInStreams(client.unsayable);
        expectSame(streamed, withReceipt(answer, client.id), unsayable);
        // The same answer unstreamed, so that no tool call and no count differs between the two.
        expectSame(saidWhole(client, answer), asFarAsTold(streamed, answer), unsayable);
      });
    }
  });
}

/** What the provider left out of its answer, the gateway made up for its client: that is not compared. */
function asFarAsTold(told: InferenceResponse, answer: InferenceResponse): InferenceResponse {
  const { id, model, createdAtS, ...rest } = told;
  return {
    ...rest,
    ...(answer.id !== undefined && { id }),
    ...(answer.model !== undefined && { model }),
    ...(answer.createdAtS !== undefined && { createdAtS }),
  };
}

/** Where the provider reported no usage, the client is told the gateway's; /generate tells its own facts throughout. */
function withReceipt(answer: InferenceResponse, client: string): InferenceResponse {
  if (client !== "generate") return { ...answer, usage: answer.usage ?? receipt.usage };
  const { id: _id, model: _model, createdAtS: _created, ...rest } = answer;
  return { ...rest, usage: receipt.usage };
}
