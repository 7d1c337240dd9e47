import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/openai-responses/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/openai-responses/decode-stream.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { expectWellFormed } from "./chat.ts";
import { decodeResponses } from "./responses.ts";
import { completed, delta, response } from "./responses-events.ts";

const message = { type: "message", id: "msg_1", role: "assistant", status: "completed" };
const textPart = (text: string): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: [] });

const blocksOf = (payloads: readonly unknown[]) =>
  expectWellFormed(decodeResponses(payloads)).choices[0]?.blocks;

describe("an odd stream", () => {
  test("without any beginning of items and parts", () => {
    expect(blocksOf([delta("a"), delta("b"), completed()])).toEqual([{ kind: "text", text: "ab" }]);
  });

  test("that tells an item only when it is done, or all of them only at its end", () => {
    const item = { ...message, content: [textPart("ab")] };
    const call = { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: "{}" };
    const blocks = [
      { kind: "text", text: "ab" },
      { kind: "tool-call", id: "c", name: "f", text: "{}" },
    ] as const;
    const done = [item, call].map((one, index) => ({
      type: "response.output_item.done",
      output_index: index,
      item: one,
    }));
    expect(blocksOf([...done, completed([item, call])])).toEqual([...blocks]);
    expect(blocksOf([completed([item, call])])).toEqual([...blocks]);
  });

  test("with beginnings that come twice, and ends that bring what no delta brought", () => {
    const added = {
      type: "response.output_item.added",
      output_index: 0,
      item: { ...message, content: [] },
    };
    const part = {
      type: "response.content_part.added",
      output_index: 0,
      content_index: 0,
      part: textPart(""),
    };
    const done = {
      type: "response.output_text.done",
      output_index: 0,
      content_index: 0,
      text: "abc",
    };
    const ended = {
      type: "response.output_item.done",
      output_index: 0,
      item: { ...message, content: [textPart("abcd")] },
    };
    expect(blocksOf([added, added, part, delta("a"), part, done, done, ended, ended, completed()])).toEqual([
      { kind: "text", text: "abcd" },
    ]);
  });

  test("whose items have other ids in each event", () => {
    const added = { type: "response.output_item.added", output_index: 0, item: { ...message, id: "x" } };
    const ended = {
      type: "response.output_item.done",
      output_index: 0,
      item: { ...message, id: "z", content: [textPart("ab")] },
    };
    const last = completed([{ ...message, id: "w", content: [textPart("ab")] }]);
    expect(blocksOf([added, delta("ab", { item_id: "y" }), ended, last])).toEqual([
      { kind: "text", text: "ab" },
    ]);
  });

  test("without places, by the items' ids", () => {
    const named = (item_id: string, text: string): JsonObject => ({
      type: "response.function_call_arguments.delta",
      item_id,
      delta: text,
    });
    const added = (id: string, index: number): JsonObject => ({
      type: "response.output_item.added",
      output_index: index,
      item: { type: "function_call", id, call_id: id, name: "f", arguments: "" },
    });
    expect(
      blocksOf([
        added("a", 0),
        added("b", 1),
        named("a", "{"),
        named("b", "[]"),
        named("a", "}"),
        completed(),
      ]),
    ).toEqual([
      { kind: "tool-call", id: "a", name: "f", text: "{}" },
      { kind: "tool-call", id: "b", name: "f", text: "[]" },
    ]);
  });

  test("places out of all bounds are passed over", () => {
    expect(
      blocksOf([delta("x", { output_index: 4e9 }), delta("y", { output_index: -1 }), completed()]),
    ).toEqual([]);
  });

  test("events that nobody knows are given as such, and [DONE] says nothing", () => {
    const events = decodeResponses([{ type: "response.mood", x: 1 }, delta("a"), "[DONE]", completed()]);
    expect(events.filter((event) => event.type === "unknown")).toHaveLength(1);
    expect(fold(events).error).toBeUndefined();
  });

  test("named by its events alone", () => {
    const decoder = openStreamDecoder(PLAIN_FORM);
    const { type: _, ...nameless } = delta("a");
    const events = [
      ...decoder.step(JSON.stringify(nameless), "response.output_text.delta"),
      ...decoder.step(JSON.stringify({ response: response([]) }), "response.completed"),
    ];
    expect(fold(events).choices[0]?.blocks[0]?.text).toBe("a");
  });

  test("paragraphs of a summary become one text, raw reasoning is taken where there is no summary", () => {
    const summary = (index: number, text: string): JsonObject => ({
      type: "response.reasoning_summary_text.delta",
      output_index: 0,
      summary_index: index,
      delta: text,
    });
    const item = {
      type: "reasoning",
      id: "rs_1",
      encrypted_content: "e",
      summary: ["a b", "c"].map((text) => ({ type: "summary_text", text })),
    };
    const ended = { type: "response.output_item.done", output_index: 0, item };
    const told = {
      kind: "reasoning",
      text: "a b\n\nc",
      signature: { vendor: "openai", value: "e", id: "rs_1" },
    };
    expect(blocksOf([summary(0, "a "), summary(0, "b"), summary(1, "c"), ended, completed()])).toEqual([
      told as never,
    ]);
    expect(decodeResponse(response([item]), PLAIN_FORM).choices[0]?.blocks).toEqual([told as never]);
    const raw = { type: "response.reasoning_text.delta", output_index: 0, content_index: 0, delta: "hm" };
    expect(blocksOf([raw, completed()])).toEqual([{ kind: "reasoning", text: "hm" }]);
  });
});
