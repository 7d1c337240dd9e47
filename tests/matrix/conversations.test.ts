import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ContentPart } from "../../src/model/content-part.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import { anyConversation } from "../dialects/any-conversation.ts";
import { conversationDialects, sourceOf } from "./chat-dialects.ts";
import { CONVERSATION_ROWS, type ConversationRow, sayableByBoth } from "./conversation-rows.ts";

/**
 * Any conversation that two dialects can say is the same once a client has said it in the one and its provider was asked
 * in the other: encoded, read, encoded and read again, and nothing is noted as lost.
 */

type Speaker = (typeof conversationDialects)[number] & { readonly words: ConversationRow };

const speakers: readonly Speaker[] = conversationDialects.map((dialect) => {
  const words = CONVERSATION_ROWS[dialect.id];
  if (words === undefined) throw new Error(`tests/matrix/conversation-rows.ts has no row for ${dialect.id}`);
  return { ...dialect, words };
});

/** The conversation as a provider of the dialect is asked it, and what its words mean. */
function through({ inbound, row, encodeRequest, words }: Speaker, conversation: Conversation): Conversation {
  const least = inbound.decodeRequest(sourceOf(row, row.request(false), false));
  const { body, losses } = encodeRequest({ ...least, content: () => conversation }, words.target);
  expect(losses).toEqual([]);
  return inbound.decodeRequest(sourceOf(row, body, false)).content();
}

for (const client of speakers) {
  describe(`a client of ${client.id}`, () => {
    for (const provider of speakers) {
      test(`and a provider of ${provider.id}`, () => {
        const sayable = sayableByBoth(client.words.sayable, provider.words.sayable);
        fc.assert(
          fc.property(anyConversation(sayable), (conversation) => {
            const asked = through(client, conversation);
            const told = through(provider, asked);
            expect(plain(told)).toEqual(plain(provider.words.asSaid(client.words.asSaid(conversation))));
          }),
          { numRuns: 30 },
        );
      });
    }
  });
}

/** Without what says nothing, or nothing more: what stands elsewhere, or is worked out from what is said. */
function plain({ reasoning, store, extensions: _own, messages, ...rest }: Conversation): unknown {
  const asksNothing = reasoning === undefined || Object.keys(reasoning).length === 0;
  return {
    ...rest,
    ...(!asksNothing && { reasoning }),
    ...(store === true && { store }),
    messages: messages.map((message) => {
      const content = message.content.map(plainPart);
      if (message.role !== "tool") return { ...message, content };
      const { toolName: _ofTheCall, ...result } = message;
      return { ...result, content };
    }),
  };
}

function plainPart(part: ContentPart): unknown {
  if (!("source" in part) || part.source.from !== "url") return part;
  const { mediaType: _guessed, ...source } = part.source;
  return { ...part, source };
}
