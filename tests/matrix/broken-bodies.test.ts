import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { anyConversation } from "../dialects/any-conversation.ts";
import { receipt } from "../dialects/chat.ts";
import {
  askedBy,
  clientDialects,
  conversationDialects,
  providerDialects,
  sourceOf,
} from "./chat-dialects.ts";
import { CONVERSATION_ROWS } from "./conversation-rows.ts";
import { anyChanges, mutated } from "./mutated.ts";
import { recordedWholes } from "./recorded-answers.ts";

/** Whatever is wrong with a body, it is taken for what it says or refused with a clear error: nothing else is thrown. */

/** Bodies larger than this show nothing more, and take long. */
const LARGEST = 20_000;

function takenOrRefused(action: () => void): void {
  try {
    action();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    expect(thrown.message).not.toBe("");
  }
}

describe("a client's request with anything changed", () => {
  for (const client of conversationDialects) {
    const words = CONVERSATION_ROWS[client.id];
    if (words === undefined) continue;

    test(`in ${client.id}, asked of every provider`, () => {
      const least = client.inbound.decodeRequest(sourceOf(client.row, client.row.request(false), false));
      const anyBody = anyConversation(words.sayable).map((conversation): unknown =>
        JSON.parse(client.encodeRequest({ ...least, content: () => conversation }, words.target).body),
      );
      fc.assert(
        fc.property(anyBody, anyChanges, fc.boolean(), (body, changes, stream) => {
          const text = JSON.stringify(mutated(body, changes));
          takenOrRefused(() => {
            const request = client.inbound.decodeRequest(sourceOf(client.row, text, stream));
            for (const { upstream } of providerDialects) {
              takenOrRefused(() => {
                const { encodeRequest } = upstream;
                const encoded = encodeRequest?.(request, { model: "m", quirks: {} });
                if (encoded !== undefined) JSON.parse(encoded.body);
              });
            }
          });
        }),
        { numRuns: 100 },
      );
    });
  }

  for (const { id, inbound, row } of clientDialects) {
    test(`in ${id}, of the least request`, () => {
      fc.assert(
        fc.property(anyChanges, fc.boolean(), (changes, stream) => {
          takenOrRefused(() => {
            const text = JSON.stringify(mutated(row.request(stream), changes));
            inbound.decodeRequest(sourceOf(row, text, stream)).content();
          });
        }),
        { numRuns: 60 },
      );
    });

    test(`in ${id}, of random bytes`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          takenOrRefused(() => inbound.decodeRequest({ ...sourceOf(row, "", false), bytes }).content());
        }),
      );
    });
  }
});

describe("a provider's answer with anything changed", () => {
  for (const provider of providerDialects) {
    const bodies = recordedWholes
      .filter((one) => one.provider === provider && JSON.stringify(one.body).length < LARGEST)
      .map(({ body }) => body);
    if (bodies.length === 0) continue;

    test(`in ${provider.id}, told to every client`, () => {
      fc.assert(
        fc.property(fc.constantFrom(...bodies), anyChanges, (body, changes) => {
          const changed = mutated(body, changes);
          takenOrRefused(() => provider.upstream.scanResponse(changed));
          takenOrRefused(() => {
            const answer = provider.upstream.decodeResponse(changed, PLAIN_FORM);
            for (const client of clientDialects) {
              const told: unknown = JSON.parse(
                client.inbound.encodeResponse(answer, askedBy(client, false), receipt),
              );
              takenOrRefused(() => client.reader.whole(told));
            }
          });
        }),
        { numRuns: 120 },
      );
    });
  }
});
