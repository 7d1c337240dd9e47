import { expect, test } from "bun:test";
import { openStreamDecoder as openGemini } from "../../src/dialects/gemini/decode-stream.ts";
import { openStreamDecoder as openChat } from "../../src/dialects/openai-chat/decode-stream.ts";
import { openStreamDecoder as openCompletions } from "../../src/dialects/openai-completions/decode-stream.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";

/** A finish that says that the generation broke off, with the usage that is billed all the same in the same event. */
const failing = {
  "openai-chat": {
    open: openChat,
    payload: {
      choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "error" }],
      usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
    },
  },
  "openai-completions": {
    open: openCompletions,
    payload: {
      choices: [{ index: 0, text: "Hi", finish_reason: "error" }],
      usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
    },
  },
  gemini: {
    open: openGemini,
    payload: {
      candidates: [{ content: { parts: [{ text: "Hi" }] }, finishReason: "MALFORMED_FUNCTION_CALL" }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 },
    },
  },
};

for (const [dialect, { open, payload }] of Object.entries(failing)) {
  test(`${dialect}: what a failing finish brings along is told before the failure`, () => {
    const decoder = open(PLAIN_FORM);
    const events = [...decoder.step(JSON.stringify(payload), undefined), ...decoder.end()];
    expect(events.map(({ type }) => type).slice(-2)).toEqual(["usage", "error"]);
    expect(events.find((event) => event.type === "usage")).toMatchObject({
      usage: { inputTokens: 9, outputTokens: 2 },
    });
  });
}
