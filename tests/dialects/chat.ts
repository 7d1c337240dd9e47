import { expect } from "bun:test";
import { decodeRequest } from "../../src/dialects/openai-chat/decode-request.ts";
import { openStreamDecoder } from "../../src/dialects/openai-chat/decode-stream.ts";
import { openStreamEncoder } from "../../src/dialects/openai-chat/encode-stream.ts";
import { PLAIN_FORM, type Receipt } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import { fold, type InferenceResponse } from "../../src/model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import { nanoDollars } from "../../src/model/money.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { faults } from "./openai-description.ts";

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const receipt: Receipt = {
  requestId: "req_1",
  provider: "openai",
  model: "gpt-x",
  attempts: 1,
  totalMs: 12.4,
  usage: { ...NO_USAGE, inputTokens: 3, outputTokens: 2 },
  cost: nanoDollars(1_500),
};

export const chatRequest = (body: JsonObject): InferenceRequest<"chat"> =>
  decodeRequest({ bytes: bytesOf(JSON.stringify(body)) });

export const askingForUsage = chatRequest({
  model: "m",
  messages: [{ role: "user", content: "hi" }],
  stream: true,
  stream_options: { include_usage: true },
});

/** All events of a stream; `[DONE]` unless told otherwise. */
export function decodeStream(
  payloads: readonly unknown[],
  done: "done" | "cut" = "done",
): readonly StreamEvent[] {
  const decoder = openStreamDecoder(PLAIN_FORM);
  const events = payloads.flatMap((payload) =>
    decoder.step(typeof payload === "string" ? payload : JSON.stringify(payload), undefined),
  );
  return [...events, ...(done === "done" ? decoder.step("[DONE]", undefined) : []), ...decoder.end()];
}

export const chunk = (delta: JsonObject, finish_reason: string | null = null, index = 0): JsonObject => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index, delta, finish_reason }],
});

/** The events written as a client's stream, as payloads. */
export function encodeStream(events: readonly StreamEvent[], request = askingForUsage): readonly string[] {
  const encoder = openStreamEncoder(request);
  const written = events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt);
  return written
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
}

/** What a client understands of an answer: runs of one kind joined, the vendor's own words left out. */
export function meaning(response: InferenceResponse): unknown {
  const { raw: _raw, billedToolCalls: _billed, billedTools: _tools, ...usage } = response.usage ?? NO_USAGE;
  return {
    id: response.id,
    model: response.model,
    choices: response.choices.map(({ blocks, finishReason }) => ({
      text: ["text", "reasoning", "refusal"].map((kind) =>
        blocks
          .filter((block) => block.kind === kind)
          .map((block) => block.text)
          .join(""),
      ),
      calls: blocks
        .filter((block) => block.kind === "tool-call")
        .map((block) => ({ ...block, text: block.text || "{}" })),
      citations: blocks.flatMap(({ citations = [] }) =>
        citations.map(({ source }) => (source.kind === "url" ? source.url : source.title)),
      ),
      tokens: blocks.flatMap(({ tokenProbabilities = [] }) => tokenProbabilities.map(({ token }) => token)),
      finishReason: finishReason === "other" ? "stop" : finishReason,
    })),
    usage,
  };
}

/** Begun blocks are ended, once, and nothing comes outside of them. */
export function expectWellFormed(events: readonly StreamEvent[]): InferenceResponse {
  const open = new Set<string>();
  for (const event of events) {
    if (event.type === "block-start") {
      expect(open.has(`${event.choice}.${event.index}`)).toBe(false);
      open.add(`${event.choice}.${event.index}`);
    }
    if (event.type === "block-delta") expect(open.has(`${event.choice}.${event.index}`)).toBe(true);
    if (event.type === "block-end") expect(open.delete(`${event.choice}.${event.index}`)).toBe(true);
  }
  expect([...open]).toEqual([]);
  return fold(events);
}

export function thrown(action: () => unknown): GatewayError {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Bun's toMatchObject writes matchers such as `expect.any` into what it looks at, so it is given a copy. */
function expectLike(value: unknown, members: JsonObject): void {
  expect(structuredClone(value)).toMatchObject(members);
}

/** The description knows no custom tools in chunks, which OpenAI's own streams have. */
const isOfCustomTool = (fault: string): boolean =>
  fault.includes("/tool_calls/") && fault.includes("/type must be equal");

/** What OpenAI's description demands of CreateChatCompletionResponse, where it is there to judge; its members in any case. */
export function expectCompletion(value: unknown): void {
  expect(faults("CreateChatCompletionResponse", value)).toEqual([]);
  expectLike(value, {
    id: expect.any(String),
    object: "chat.completion",
    created: expect.any(Number),
    model: expect.any(String),
    choices: expect.any(Array),
  });
  for (const choice of choicesOf(value)) {
    expectLike(choice, { index: expect.any(Number) });
    expect(choice).toHaveProperty("logprobs");
    expect(["stop", "length", "tool_calls", "content_filter"]).toContain(String(choice["finish_reason"]));
    const message = choice["message"];
    if (!isJsonObject(message)) throw new Error("no message");
    expect(message["role"]).toBe("assistant");
    expect(message["content"] === null || typeof message["content"] === "string").toBe(true);
    expect(message["refusal"] === null || typeof message["refusal"] === "string").toBe(true);
    for (const call of Array.isArray(message["tool_calls"]) ? message["tool_calls"] : []) {
      expect(call).toEqual({
        id: expect.any(String),
        type: "function",
        function: { name: expect.any(String), arguments: expect.any(String) },
      });
    }
  }
}

/** The same for CreateChatCompletionStreamResponse. */
export function expectChunk(value: unknown): void {
  const found = faults("CreateChatCompletionStreamResponse", value);
  expect(found.filter((fault) => !isOfCustomTool(fault))).toEqual([]);
  expectLike(value, {
    id: expect.any(String),
    object: "chat.completion.chunk",
    created: expect.any(Number),
    model: expect.any(String),
    choices: expect.any(Array),
  });
  for (const choice of choicesOf(value)) {
    expectLike(choice, { index: expect.any(Number), delta: expect.any(Object) });
    expect(choice).toHaveProperty("logprobs");
    const finish = choice["finish_reason"];
    if (finish !== null) expect(["stop", "length", "tool_calls", "content_filter"]).toContain(String(finish));
  }
}

function choicesOf(value: unknown): readonly JsonObject[] {
  const choices = isJsonObject(value) ? value["choices"] : undefined;
  return Array.isArray(choices) ? choices : [];
}
