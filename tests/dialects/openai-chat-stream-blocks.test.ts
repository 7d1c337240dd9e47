import { describe, expect, test } from "bun:test";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { chunk, decodeStream, expectWellFormed } from "./chat.ts";

const call = (rest: JsonObject): JsonObject => ({ tool_calls: [rest] });
const stop = chunk({}, "stop");

const blocksOf = (payloads: readonly unknown[]) =>
  expectWellFormed(decodeStream(payloads)).choices[0]?.blocks;

describe("text", () => {
  test("roles may be missing or repeated, content null or empty", () => {
    const said = [
      chunk({ content: "a" }),
      chunk({ role: "assistant", content: "b" }),
      chunk({ role: "assistant" }),
    ];
    expect(blocksOf([chunk({ content: null }), ...said, chunk({ content: "" }), stop])).toEqual([
      { kind: "text", text: "ab" },
    ]);
  });

  test("reasoning under either name, once where both are sent", () => {
    expect(blocksOf([chunk({ reasoning_content: "r" }), chunk({ content: "t" }), stop])).toEqual([
      { kind: "reasoning", text: "r" },
      { kind: "text", text: "t" },
    ]);
    expect(blocksOf([chunk({ reasoning: "r", content: "" }), chunk({ content: "t" }), stop])?.[0]?.text).toBe(
      "r",
    );
    expect(blocksOf([chunk({ reasoning: "r", reasoning_content: "r" }), stop])?.[0]?.text).toBe("r");
  });

  test("Mistral's thinking inside a list of parts", () => {
    const thinking = { type: "thinking", thinking: [{ type: "text", text: "hm" }] };
    expect(blocksOf([chunk({ content: [thinking, { type: "text", text: "yes" }] }), stop])).toEqual([
      { kind: "reasoning", text: "hm" },
      { kind: "text", text: "yes" },
    ]);
  });

  test("refusals", () => {
    expect(blocksOf([chunk({ refusal: "I " }), chunk({ refusal: "can't" }), stop])).toEqual([
      { kind: "refusal", text: "I can't" },
    ]);
  });

  test("several choices, interleaved", () => {
    const response = expectWellFormed(
      decodeStream([
        chunk({ content: "a" }, null, 0),
        chunk({ content: "x" }, null, 1),
        chunk({ content: "b" }, "stop", 0),
        chunk({ content: "y" }, "length", 1),
      ]),
    );
    expect(response.choices.map((choice) => [choice.blocks[0]?.text, choice.finishReason])).toEqual([
      ["ab", "stop"],
      ["xy", "length"],
    ]);
  });

  test("an index out of all bounds is passed over", () => {
    expect(
      fold(decodeStream([chunk({ content: "a" }, null, 4_000_000_000), chunk({ content: "b" }), stop]))
        .choices.length,
    ).toBe(1);
  });

  test("Azure's first chunk, without id and model", () => {
    const first = { id: "", model: "", created: 0, object: "", choices: [], prompt_filter_results: [] };
    expect(fold(decodeStream([first, chunk({ content: "a" }), stop]))).toMatchObject({
      id: "c1",
      model: "m",
      createdAtS: 1,
    });
  });

  test("a whole message as a stream's one event, and one repeated beside each delta", () => {
    const whole = {
      choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
    };
    expect(blocksOf([whole])).toEqual([{ kind: "text", text: "hi" }]);
    const cumulative = { choices: [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }] };
    expect(blocksOf([chunk({ content: "hi" }), cumulative])).toEqual([{ kind: "text", text: "hi" }]);
  });
});

describe("tool calls", () => {
  const named = (index: number | undefined, id: string | undefined, name: string, text: string): JsonObject =>
    call({
      ...(index !== undefined && { index }),
      ...(id && { id }),
      type: "function",
      function: { name, arguments: text },
    });
  const more = (index: number, text: string): JsonObject => call({ index, function: { arguments: text } });

  test("in fragments, interleaved, with gaps between indexes", () => {
    const arriving = [
      named(0, "a", "f", ""),
      named(5, "b", "g", '{"x"'),
      more(0, '{"y":'),
      more(5, ":1}"),
      more(0, "2}"),
    ];
    expect(blocksOf([...arriving.map((delta) => chunk(delta)), chunk({}, "tool_calls")])).toEqual([
      { kind: "tool-call", id: "a", name: "f", text: '{"y":2}' },
      { kind: "tool-call", id: "b", name: "g", text: '{"x":1}' },
    ]);
  });

  test("without index", () => {
    const arriving = [named(undefined, "a", "f", "{}"), named(undefined, "b", "g", "{}")];
    expect(
      blocksOf(arriving.map((delta) => chunk(delta)))?.map((block) => ("id" in block ? block.id : "")),
    ).toEqual(["a", "b"]);
  });

  test("without id: one is made, the same for the same answer, different for each call", () => {
    const arriving = [chunk(named(0, undefined, "f", "{}")), chunk(named(1, undefined, "f", "{}")), stop];
    const ids = blocksOf(arriving)?.map((block) => ("id" in block ? block.id : ""));
    expect(ids).toEqual(["call_c1_0_0", "call_c1_0_1"]);
  });

  test("id first, name later; id and name repeated", () => {
    const late = [
      chunk(call({ index: 0, id: "a" })),
      chunk(named(0, undefined, "f", "{")),
      chunk(more(0, "}")),
      stop,
    ];
    expect(blocksOf(late)).toEqual([{ kind: "tool-call", id: "a", name: "f", text: "{}" }]);
    const repeated = [chunk(named(0, "a", "f", "{")), chunk(named(0, "a", "f", "}")), stop];
    expect(blocksOf(repeated)).toEqual([{ kind: "tool-call", id: "a", name: "f", text: "{}" }]);
  });

  test("different calls under one index", () => {
    const same = [chunk(named(0, "a", "f", "{}")), chunk(named(0, "b", "g", "{}")), stop];
    expect(blocksOf(same)?.length).toBe(2);
  });

  test("arguments as an object, the older function_call, a custom tool", () => {
    const asObject = call({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } });
    expect(blocksOf([chunk(asObject), stop])?.[0]?.text).toBe('{"x":1}');
    const legacy = [
      chunk({ function_call: { name: "f", arguments: "" } }),
      chunk({ function_call: { arguments: "{}" } }),
    ];
    expect(blocksOf([...legacy, chunk({}, "function_call")])).toMatchObject([
      { kind: "tool-call", name: "f", text: "{}" },
    ]);
    const custom = call({ index: 0, id: "a", type: "custom", custom: { name: "f", input: "go" } });
    expect(blocksOf([chunk(custom), stop])).toMatchObject([{ name: "f", text: "go" }]);
  });
});
