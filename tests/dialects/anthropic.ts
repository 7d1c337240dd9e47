import { expect } from "bun:test";
import { decodeRequest } from "../../src/dialects/anthropic-messages/decode-request.ts";
import { openStreamDecoder } from "../../src/dialects/anthropic-messages/decode-stream.ts";
import { encodeRequest } from "../../src/dialects/anthropic-messages/encode-request.ts";
import { openStreamEncoder } from "../../src/dialects/anthropic-messages/encode-stream.ts";
import { type EncodedRequest, PLAIN_FORM } from "../../src/model/dialect.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { InferenceResponse } from "../../src/model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { anthropic } from "../../src/providers/anthropic.ts";
import { targetOf } from "../../src/routing/target.ts";
import { bytesOf, receipt } from "./chat.ts";

export const USER = { role: "user", content: "hi" } as const;

export const messageRequest = (body: JsonObject): InferenceRequest<"chat"> =>
  decodeRequest({
    bytes: bytesOf(JSON.stringify({ model: "m", max_tokens: 4000, messages: [USER], ...body })),
  });

export const asked = messageRequest({ stream: true });

/** The quirks that hold for one of Anthropic's models. */
export function quirksOf(model: string): Quirks {
  const upstream = { provider: "anthropic", endpoints: [], quirks: anthropic.quirks ?? [] };
  // Only what names and quirks are made of is looked at.
  return targetOf(upstream as unknown as Parameters<typeof targetOf>[0], model).quirks;
}

/** A request as it goes to Anthropic, with its body parsed. */
export function toAnthropic(
  request: InferenceRequest<"chat">,
  model = "claude-sonnet-4-6",
  quirks = quirksOf(model),
): EncodedRequest & { readonly parsed: JsonObject } {
  const encoded = encodeRequest(request, { model, quirks });
  const parsed: unknown = JSON.parse(encoded.body);
  if (!isJsonObject(parsed)) throw new Error("a body that is no object");
  return { ...encoded, parsed };
}

/** All events of a stream, given its payloads in order. */
export function decodeMessageStream(payloads: readonly unknown[]): readonly StreamEvent[] {
  const decoder = openStreamDecoder(PLAIN_FORM);
  const events = payloads.flatMap((payload) =>
    decoder.step(typeof payload === "string" ? payload : JSON.stringify(payload), undefined),
  );
  return [...events, ...decoder.end()];
}

/** The payloads of the stream that the events are written as; checks names, indexes and order on the way. */
export function encodeMessageStream(events: readonly StreamEvent[], request = asked): readonly JsonObject[] {
  const encoder = openStreamEncoder(request);
  const written = events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt);
  const payloads = written.split("\n\n").flatMap((event): readonly JsonObject[] => {
    if (event === "") return [];
    const [name = "", data = ""] = event.split("\n");
    const payload: unknown = JSON.parse(data.replace(/^data: /, ""));
    if (!isJsonObject(payload)) throw new Error("an event that is no object");
    expect(name).toBe(`event: ${payload["type"]}`);
    return [payload];
  });
  expectOrder(payloads);
  return payloads;
}

/** As the documentation has it: start, one block after another from 0 on, delta, stop. */
function expectOrder(payloads: readonly JsonObject[]): void {
  expect(payloads[0]?.["type"]).toBe("message_start");
  expect(payloads.slice(-2).map(({ type }) => type)).toEqual(["message_delta", "message_stop"]);
  let next = 0;
  let isOpen = false;
  for (const { type, index } of payloads.slice(1, -2)) {
    expect(index).toBe(next);
    expect(isOpen).toBe(type !== "content_block_start");
    isOpen = type !== "content_block_stop";
    if (!isOpen) next++;
  }
  expect(isOpen).toBe(false);
}

/** What a client understands of an answer; the model's own refusal is text to this dialect. */
export function messageMeaning(response: InferenceResponse): unknown {
  const { raw: _raw, billedToolCalls, ...usage } = response.usage ?? NO_USAGE;
  const [choice] = response.choices;
  return {
    id: response.id,
    model: response.model,
    serviceTier: response.serviceTier,
    blocks: (choice?.blocks ?? [])
      .filter((block) => block.text !== "" || block.kind !== "text")
      .map((block) => ({
        ...block,
        kind: block.kind === "refusal" ? "text" : block.kind,
        text: block.kind === "tool-call" ? JSON.parse(block.text || "{}") : block.text,
      })),
    finishReason: choice?.finishReason,
    stopSequence: choice?.stopSequence,
    usage: { ...usage, billedToolCalls },
  };
}

const STOP_REASONS = [
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
];

/** The members that Anthropic's SDK types require of a Message. */
export function expectMessage(value: unknown): void {
  expect(structuredClone(value)).toMatchObject({
    id: expect.any(String),
    type: "message",
    role: "assistant",
    model: expect.any(String),
    content: expect.any(Array),
  });
  if (!isJsonObject(value)) throw new Error("no message");
  for (const member of ["container", "diagnostics", "stop_details", "stop_sequence"])
    expect(value).toHaveProperty(member);
  expect(STOP_REASONS).toContain(String(value["stop_reason"]));
  expectUsage(value["usage"]);
}

export function expectUsage(value: unknown): void {
  if (!isJsonObject(value)) throw new Error("no usage");
  for (const count of [
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
  ]) {
    expect(value[count]).toBeGreaterThanOrEqual(0);
  }
  for (const member of ["output_tokens_details", "server_tool_use"]) expect(value).toHaveProperty(member);
}
