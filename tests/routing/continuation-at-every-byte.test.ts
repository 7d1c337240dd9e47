import { describe, expect, test } from "bun:test";
import {
  ask,
  CHAT,
  CHAT_FINISH,
  CHAT_TEXT,
  dataOf,
  GEMINI,
  gateway,
  MESSAGES,
  provider,
  runBreaking,
  textOfChat,
} from "./broken-streams.ts";

/** Streams that break off after they have begun, at every byte: where another target goes on, the client has one answer,
 * nothing of it twice and nothing lost. */

runBreaking();

const GEMINI_TEXT = textOfGemini(GEMINI.toString("utf8"));
const MESSAGES_TEXT = textOfMessages(MESSAGES.toString("utf8"));

/**
 * Every byte of a stream, or each of so many, several calls at once. One that ends well comes between, so that the
 * breaking target is not taken out.
 */
async function atEveryByte(
  stream: Buffer,
  step: number,
  check: (at: number) => Promise<void>,
): Promise<void> {
  const places = Array.from({ length: Math.ceil(stream.length / step) }, (_, index) => index * step);
  const work = places[Symbol.iterator]();
  const worker = async () => {
    for (const at of work) {
      await check(at);
      if (at % 50 === 0) await check(stream.length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

const MESSAGES_FINISH = MESSAGES.indexOf("event: message_delta");

describe("a stream of chat completions that is lost at any byte", () => {
  test.each([
    ["chat-to-chat", 1],
    ["chat-to-repeating", 9],
    ["chat-to-claude", 9],
  ] as const)("%s: one whole answer, or an honest end", async (route, step) => {
    const before = provider.calls.length;
    await atEveryByte(CHAT, step, async (at) => {
      const said = await (await ask("chat", { route, text: CHAT_TEXT, at })).text();
      const events = dataOf(said);
      const chunks = events.filter((data) => data !== "[DONE]").map((data) => JSON.parse(data));
      const isToldBroken = chunks.some(({ error }) => error !== undefined);
      // A finish that was sent can't be taken back, nor can the answer be gone on with.
      const isFinished = at > CHAT_FINISH;
      const text = textOfChat(said);
      expect([at, text]).toEqual([at, CHAT_TEXT]);
      if (isFinished && isToldBroken) {
        expect(events).not.toContain("[DONE]");
        return;
      }
      expect([at, isToldBroken]).toEqual([at, false]);
      expect(events.filter((data) => data === "[DONE]")).toEqual(["[DONE]"]);
      expect(events.at(-1)).toBe("[DONE]");
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      const choices = chunks.flatMap((chunk) => chunk.choices);
      expect(choices.filter(({ delta }) => delta.role !== undefined).length).toBe(1);
      expect(choices.flatMap(({ finish_reason: reason }) => reason ?? [])).toEqual(["stop"]);
    });
    const continued = provider.calls
      .slice(before)
      .filter(({ messages }) => messages.at(-1)?.role === "assistant");
    expect(continued.length).toBeGreaterThan(CHAT_FINISH / step / 2);
  });
});

describe("a stream of messages that is lost at any byte", () => {
  test.each([
    ["messages-to-chat", 2],
    ["messages-to-claude", 9],
  ] as const)("%s: one whole message, or an honest end", async (route, step) => {
    await atEveryByte(MESSAGES, step, async (at) => {
      const said = await (await ask("messages", { route, text: MESSAGES_TEXT, at })).text();
      const types = dataOf(said).map((data) => JSON.parse(data).type as string);
      const count = (type: string) => types.filter((each) => each === type).length;
      expect([at, textOfMessages(said)]).toEqual([at, MESSAGES_TEXT]);
      expect(count("message_start")).toBe(1);
      if (at > MESSAGES_FINISH && count("error") === 1) {
        expect(count("message_stop")).toBe(0);
        return;
      }
      expect([at, count("error")]).toEqual([at, 0]);
      const shape = ["content_block_start", "content_block_stop", "message_delta", "message_stop"];
      // A block that was ended before the loss stays so: what follows is another.
      const blocks = count("content_block_start");
      expect(shape.map(count)).toEqual([blocks, blocks, 1, 1]);
      expect(types.at(-1)).toBe("message_stop");
    });
  });

  test("to a client of chat completions, that is translated on both sides of the loss", async () => {
    await atEveryByte(MESSAGES, 9, async (at) => {
      const said = await (await ask("chat", { route: "messages-to-chat", text: MESSAGES_TEXT, at })).text();
      expect([at, textOfChat(said)]).toEqual([at, MESSAGES_TEXT]);
      const isEnded = said.includes("[DONE]");
      expect([at, isEnded, said.includes('"error"')]).toEqual([at, isEnded, !isEnded]);
      expect(isEnded || at > MESSAGES_FINISH).toBe(true);
    });
  });
});

const GEMINI_FINISH = GEMINI.indexOf('"finishReason"');

test("a stream of Gemini's that is lost at any byte", async () => {
  await atEveryByte(GEMINI, 5, async (at) => {
    const question = JSON.stringify({ at, text: GEMINI_TEXT });
    const response = await fetch(
      `${gateway.url}/v1beta/models/gemini-to-chat:streamGenerateContent?alt=sse`,
      {
        method: "POST",
        headers: { "content-type": "application/json", "x-goog-api-key": gateway.virtualKey },
        body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: question }] }] }),
      },
    );
    const said = await response.text();
    const chunks = dataOf(said).map((data) => JSON.parse(data));
    expect([at, textOfGemini(said)]).toEqual([at, GEMINI_TEXT]);
    const isToldBroken = chunks.some(({ error }) => error !== undefined);
    if (at > GEMINI_FINISH && isToldBroken) return;
    expect([at, isToldBroken]).toEqual([at, false]);
    expect(new Set(chunks.map(({ responseId }) => responseId)).size).toBe(1);
    const reasons = chunks.flatMap(({ candidates = [] }) =>
      candidates.flatMap(({ finishReason }: { finishReason?: string }) => finishReason ?? []),
    );
    expect(reasons).toEqual(["STOP"]);
  });
});

test("a client of Responses, whose provider speaks chat completions", async () => {
  await atEveryByte(CHAT, 19, async (at) => {
    const response = await fetch(`${gateway.url}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({
        model: "chat-to-chat",
        stream: true,
        input: JSON.stringify({ at, text: CHAT_TEXT }),
      }),
    });
    const events = dataOf(await response.text()).map((data) => JSON.parse(data));
    const deltas = events.filter(({ type }) => type === "response.output_text.delta");
    expect([at, deltas.map(({ delta }) => delta).join("")]).toEqual([at, CHAT_TEXT]);
    expect(new Set(deltas.map(({ item_id: item }) => item)).size).toBe(1);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, place) => place));
    const last = events.at(-1);
    if (at > CHAT_FINISH && last.type !== "response.completed") return;
    expect([at, last.type]).toEqual([at, "response.completed"]);
    expect(last.response.output[0].content[0].text).toBe(CHAT_TEXT);
  });
});

function textOfGemini(said: string): string {
  return dataOf(said)
    .flatMap((data) => JSON.parse(data).candidates ?? [])
    .flatMap(({ content }) => content?.parts ?? [])
    .map(({ text = "" }) => text)
    .join("");
}

function textOfMessages(said: string): string {
  return dataOf(said)
    .map((data) => JSON.parse(data).delta?.text ?? "")
    .join("");
}
