import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeRequest as decodeChat } from "../../src/dialects/openai-chat/decode-request.ts";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { BOUNDS } from "../../src/dialects/openai-responses/bounds.ts";
import { decodeRequest } from "../../src/dialects/openai-responses/decode-request.ts";
import { encodeRequest } from "../../src/dialects/openai-responses/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { anyConversation } from "./any-conversation.ts";
import { bytesOf } from "./chat.ts";
import { faults } from "./openai-description.ts";
import { responsesRequest } from "./responses.ts";
import { target } from "./responses-requests.ts";

describe("any conversation", () => {
  const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
  const sayable = {
    lacks: BOUNDS.lacks,
    signatures: ["openai"],
    vendor: "openai",
    maxTemperature: 2,
    minOutputTokens: 16,
    efforts,
  } as const;

  test("is the same once encoded and decoded again, and keeps to OpenAI's description", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const request = { ...responsesRequest({}), content: () => value };
        const { body, losses } = encodeRequest(request, { ...target, model: "provider's own name" });
        expect(losses).toEqual([]);
        const again = decodeRequest({ bytes: bytesOf(body) });
        expect(again.model).toBe("provider's own name");
        const { store, ...rest } = again.content();
        expect(store).toBe(false);
        expect(rest).toEqual({
          ...value,
          tools: value.tools.map((tool) =>
            tool.kind === "function" && tool.strict === false ? { ...tool, strict: undefined } : tool,
          ) as Conversation["tools"],
        });
        expect(faults("CreateResponse", withIds(JSON.parse(body)))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("survives the way through chat completions and back, as far as both can say it", () => {
    const both = { ...sayable, signatures: [], lacks: [...BOUNDS.lacks, "reasoning-history"] as const };
    fc.assert(
      fc.property(anyConversation(both), (value) => {
        const chat = encodeChat({ ...responsesRequest({}), content: () => value }, target);
        const { body } = encodeRequest(decodeChat({ bytes: bytesOf(chat.body) }), target);
        const { store: _, ...again } = decodeRequest({ bytes: bytesOf(body) }).content();
        expect({ ...again, messages: spoken(again) }).toEqual({ ...value, messages: spoken(value) });
      }),
      { numRuns: 150 },
    );
  });
});

/** OpenAI's description demands an id of reasoning, which its API takes without. */
function withIds(body: { input: JsonObject[] }): unknown {
  const input = body.input.map((item) => (item["type"] === "reasoning" ? { id: "rs_1", ...item } : item));
  return { ...body, input };
}

/** Chat completions are told no developers where nothing else is said, and name no detail that is usual. */
function spoken({ messages }: Pick<Conversation, "messages">): unknown {
  return messages.map((message) => ({
    ...message,
    role: message.role === "developer" ? "system" : message.role,
  }));
}
