import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SseFraming } from "../../src/dialects/stream/sse-framing.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyAnswer, streamed } from "../dialects/any-answer.ts";
import { receipt } from "../dialects/chat.ts";
import {
  askedBy,
  type ClientDialect,
  clientDialects,
  framed,
  MAX_EVENT_BYTES,
  readerOfProvider,
  readStream,
  writtenStream,
} from "./chat-dialects.ts";
import { JUDGES, unjudged } from "./judges.ts";
import { recordedStreams, recordedWholes } from "./recorded-answers.ts";

/** What Gatehouse writes itself keeps to the vendor's own description, whoever the provider is. */

/** The payloads of a client's stream, `[DONE]` and the like left out. */
function payloadsOf(client: ClientDialect, events: readonly StreamEvent[]): readonly JsonObject[] {
  const framing = new SseFraming(MAX_EVENT_BYTES);
  const payloads: JsonObject[] = [];
  framing.push(new TextEncoder().encode(writtenStream(client, events)), ({ data }) => {
    const payload: unknown = data.startsWith("{") ? JSON.parse(data) : undefined;
    if (isJsonObject(payload)) payloads.push(payload);
  });
  return payloads;
}

for (const client of clientDialects) {
  const why = unjudged[client.id];
  if (why !== undefined) {
    console.log(`skipped: what is written to clients of ${client.id}: ${why}`);
    continue;
  }
  const judge = JUDGES[client.id];
  if (judge === undefined) throw new Error(`tests/matrix/judges.ts has no judge for ${client.id}`);

  describe(`to clients of ${client.id}`, () => {
    for (const { name, provider, body } of recordedWholes) {
      test(`${name}, whole`, () => {
        const answer = readerOfProvider(provider).whole(body);
        const written = client.inbound.encodeResponse(answer, askedBy(client, false), receipt);
        expect(judge.whole(JSON.parse(written))).toEqual([]);
      });
    }

    for (const { name, provider, payloads } of recordedStreams) {
      test(`${name}, streamed`, () => {
        const events = readStream(readerOfProvider(provider), [framed(provider, payloads)]);
        expect(payloadsOf(client, events).flatMap((payload) => judge.event(payload))).toEqual([]);
      });
    }

    test("a member of another kind than described would be seen", () => {
      const [recorded] = recordedWholes;
      if (recorded === undefined) throw new Error("there are no recordings");
      const answer = readerOfProvider(recorded.provider).whole(recorded.body);
      const written: JsonObject = JSON.parse(
        client.inbound.encodeResponse(answer, askedBy(client, false), receipt),
      );
      const spoilt = Object.entries(written).map(([name, value]) => [
        name,
        typeof value === "string" ? 5 : value,
      ]);
      expect(judge.whole(Object.fromEntries(spoilt))).not.toEqual([]);
    });

    test("any answer", () => {
      fc.assert(
        fc.property(anyAnswer, (answer) => {
          const written = client.inbound.encodeResponse(answer, askedBy(client, false), receipt);
          expect(judge.whole(JSON.parse(written))).toEqual([]);
          expect(payloadsOf(client, streamed(answer)).flatMap((payload) => judge.event(payload))).toEqual([]);
        }),
        { numRuns: 40 },
      );
    });
  });
}
