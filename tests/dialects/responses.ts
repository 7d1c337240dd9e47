import { expect } from "bun:test";
import { decodeRequest } from "../../src/dialects/openai-responses/decode-request.ts";
import { openStreamDecoder } from "../../src/dialects/openai-responses/decode-stream.ts";
import { openStreamEncoder } from "../../src/dialects/openai-responses/encode-stream.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { InferenceResponse } from "../../src/model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { bytesOf, meaning, receipt } from "./chat.ts";
import { eventFaults } from "./openai-description.ts";

export const responsesRequest = (body: JsonObject): InferenceRequest<"chat"> =>
  decodeRequest({ bytes: bytesOf(JSON.stringify({ model: "m", input: "hi", ...body })) });

/** All canonical events of a stream. */
export function decodeResponses(payloads: readonly unknown[]): readonly StreamEvent[] {
  const decoder = openStreamDecoder(PLAIN_FORM);
  const events = payloads.flatMap((payload) =>
    decoder.step(typeof payload === "string" ? payload : JSON.stringify(payload), undefined),
  );
  return [...events, ...decoder.end()];
}

/** The events written as a client's stream, as payloads; each under its own name. */
export function encodeResponses(
  events: readonly StreamEvent[],
  request = responsesRequest({ stream: true }),
): readonly JsonObject[] {
  const encoder = openStreamEncoder(request);
  return payloadsOf(events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt));
}

/** The payloads of written events; each must stand under the name that its `type` is. */
export function payloadsOf(written: string): readonly JsonObject[] {
  return written
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => {
      const match = /^event: (\S+)\ndata: (.*)$/.exec(event);
      const payload: unknown = JSON.parse(match?.[2] ?? "null");
      if (!isJsonObject(payload)) throw new Error(`no event: ${event}`);
      expect(payload["type"]).toBe(match?.[1] ?? "");
      return payload;
    });
}

/**
 * A stream keeps to OpenAI's description: each event to its schema, numbered in a row, and every item and part begun
 * before it is continued and ended once.
 */
export function expectResponsesStream(payloads: readonly JsonObject[]): void {
  expect(payloads.flatMap(eventFaults)).toEqual([]);
  expect(payloads.map((payload) => payload["sequence_number"])).toEqual(payloads.map((_, index) => index));
  expect(payloads.slice(0, 2).map((payload) => payload["type"])).toEqual([
    "response.created",
    "response.in_progress",
  ]);
  const items = new Map<unknown, { id: unknown; parts: Set<unknown> }>();
  const ended = new Set<unknown>();
  for (const payload of payloads) {
    const { type, output_index: index, item, item_id: id, content_index: part } = payload;
    if (type === "response.output_item.added" && isJsonObject(item)) {
      expect(index).toBe(items.size);
      items.set(index, { id: item["id"], parts: new Set() });
    }
    if (id !== undefined) expect(items.get(index)?.id).toBe(id);
    if (type === "response.content_part.added") items.get(index)?.parts.add(part);
    else if (part !== undefined) expect(items.get(index)?.parts.has(part)).toBe(true);
    if (type !== "response.output_item.done") continue;
    expect(ended.has(index)).toBe(false);
    ended.add(index);
  }
  expect(ended.size).toBe(items.size);
}

/** As `meaning`, with what only this dialect has a word for. */
export function wholeMeaning(response: InferenceResponse): unknown {
  const [choice = { blocks: [] }] = response.choices;
  return {
    answer: meaning(response),
    kinds: choice.blocks.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1]),
    signatures: choice.blocks.flatMap(({ signature }) => signature?.value ?? []),
    others: choice.blocks.flatMap((block) =>
      block.kind === "image" ? [block.source] : block.kind === "other" ? [block.value] : [],
    ),
  };
}
