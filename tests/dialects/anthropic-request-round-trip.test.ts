import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BOUNDS } from "../../src/dialects/anthropic-messages/bounds.ts";
import { decodeRequest } from "../../src/dialects/anthropic-messages/decode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import { messageRequest, toAnthropic } from "./anthropic.ts";
import { anyConversation } from "./any-conversation.ts";
import { bytesOf } from "./chat.ts";

describe("any conversation", () => {
  const sayable = {
    lacks: [...BOUNDS.lacks, "top-p" as const],
    signatures: ["anthropic" as const],
    vendor: "anthropic" as const,
    maxTemperature: 1,
    efforts: [],
    closedSchema: { name: "answer" },
    isRich: true,
  };
  const survives = (conversation: Conversation, model: string): void => {
    const request = { ...messageRequest({}), content: () => conversation };
    const { body, losses } = toAnthropic(request, model);
    expect(losses).toEqual([]);
    expect(decodeRequest({ bytes: bytesOf(body) }).content()).toEqual(conversation);
  };

  test("survives the way out and back", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (conversation) => survives(conversation, "claude-sonnet-4-6")),
      { numRuns: 400 },
    );
  });

  test("survives with its thinking", () => {
    const thinking = {
      ...sayable,
      isUnforced: true,
      lacks: [...sayable.lacks, "temperature" as const, "top-k" as const],
      reasonings: [
        { mode: "adaptive" as const },
        { mode: "adaptive" as const, effort: "xhigh" as const, shown: "auto" as const },
        { mode: "off" as const },
      ],
    };
    fc.assert(
      fc.property(anyConversation(thinking), (conversation) => survives(conversation, "claude-opus-5")),
      { numRuns: 200 },
    );
  });
});
