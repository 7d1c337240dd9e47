import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BOUNDS } from "../../src/dialects/gemini/bounds.ts";
import type { ContentPart } from "../../src/model/content-part.ts";
import type { Conversation, Message } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { anyConversation } from "./any-conversation.ts";
import { asked, conversationOf, encoded } from "./gemini-requests.ts";
import { googleRequest } from "./google.ts";

describe("any conversation", () => {
  const sayable = {
    lacks: BOUNDS.lacks,
    signatures: ["google"],
    vendor: "google",
    maxTemperature: 2,
    efforts: ["minimal", "low", "medium", "high"],
  } as const;

  test("is the same once encoded and decoded again, but for names that Google has no place for", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const request = { ...googleRequest(asked({})), content: () => value };
        const { sent, losses } = encoded(request);
        expect(losses).toEqual([]);
        expect(conversationOf(sent)).toEqual(sayableOf(value));
      }),
      { numRuns: 200 },
    );
  });

  test("random JSON in a request's place gives a conversation or a clear refusal", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...MEMBERS), fc.jsonValue({ maxDepth: 5 })), (body) => {
        try {
          conversationOf(asked(body as JsonObject));
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request" });
        }
      }),
      { numRuns: 500 },
    );
  });
});

const MEMBERS = [
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "safety_settings",
];

/** The conversation as Google can say it: without the names of documents and schemas, with those of tools. */
function sayableOf(value: Conversation): Conversation {
  const names = new Map<string, string>();
  const messages = value.messages.map((message): Message => {
    for (const part of message.content) if (part.kind === "tool-call") names.set(part.id, part.name);
    if (message.role === "tool") return { ...message, toolName: names.get(message.toolCallId) ?? "" };
    return { ...message, content: message.content.map(unnamed) };
  });
  const { responseFormat } = value;
  const named = responseFormat?.kind === "json-schema" && {
    responseFormat: { ...responseFormat, name: "response" },
  };
  const { reasoning, ...rest } = value;
  const asksNothing = reasoning !== undefined && Object.keys(reasoning).length === 0;
  return { ...rest, ...(reasoning && !asksNothing && { reasoning }), ...named, messages };
}

function unnamed(part: ContentPart): ContentPart {
  if (part.kind === "document") return { kind: "document", source: part.source };
  const isAddress = part.kind === "image" && part.source.from === "url";
  if (!isAddress) return part;
  // Google must be told what stands at an address.
  return { ...part, source: { ...part.source, mediaType: expect.stringMatching(/^[a-z]+\//) } };
}
