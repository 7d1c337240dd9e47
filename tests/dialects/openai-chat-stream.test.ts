import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/openai-chat/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/openai-chat/decode-stream.ts";
import { encodeResponse } from "../../src/dialects/openai-chat/encode-response.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyAnswer, streamed } from "./any-answer.ts";
import {
  askingForUsage,
  chatRequest,
  chunk,
  decodeStream,
  encodeStream,
  expectChunk,
  expectWellFormed,
  meaning,
  receipt,
  thrown,
} from "./chat.ts";
import { faults } from "./openai-description.ts";

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

describe("usage", () => {
  const usage = (completion_tokens: number): JsonObject => ({
    prompt_tokens: 3,
    completion_tokens,
    total_tokens: 3 + completion_tokens,
  });
  const outputOf = (payloads: readonly unknown[]) => fold(decodeStream(payloads)).usage?.outputTokens;

  test("early, late, repeated, absent, null", () => {
    const text = chunk({ content: "a" });
    expect(
      outputOf([
        { ...text, usage: usage(1) },
        { ...stop, usage: usage(2) },
      ]),
    ).toBe(2);
    expect(outputOf([text, stop, { choices: [], usage: usage(4) }])).toBe(4);
    expect(outputOf([{ choices: [], usage: usage(5) }, text, stop])).toBe(5);
    expect(
      outputOf([
        { ...text, usage: null },
        { ...stop, usage: {} },
      ]),
    ).toBeUndefined();
    expect(outputOf([text, { ...stop, x_groq: { usage: usage(6) } }])).toBe(6);
  });
});

describe("how a stream ends", () => {
  const errorOf = (payloads: readonly unknown[], done: "done" | "cut" = "cut") =>
    fold(decodeStream(payloads, done)).error;
  const text = chunk({ content: "a" });

  test("without [DONE], but finished: whole", () => {
    expect(errorOf([text, stop])).toBeUndefined();
  });

  test("without a finish: interrupted", () => {
    expect(errorOf([text])?.code).toBe("upstream_interrupted");
    expect(errorOf([])?.code).toBe("upstream_interrupted");
    expect(errorOf([], "done")?.code).toBe("upstream_interrupted");
    expect(errorOf([text, chunk({ content: "b" }, "stop", 1)])?.code).toBe("upstream_interrupted");
  });

  test("with [DONE] and no finish, but an answer: whole", () => {
    expect(fold(decodeStream([text])).choices[0]).toEqual({
      blocks: [{ kind: "text", text: "a" }],
      finishReason: "other",
      rawFinishReason: "",
    });
  });

  test("with an error inside: by its class, and nothing after it", () => {
    const overloaded = { error: { message: "busy", code: 503 } };
    expect(errorOf([text, overloaded, text, stop], "done")).toMatchObject({
      code: "upstream_overloaded",
      message: "busy",
    });
    expect(decodeStream([text, overloaded, text, stop]).at(-1)?.type).toBe("error");
    expect(errorOf([{ error: { message: "x" } }])?.code).toBe("upstream_server");
    expect(errorOf([{ object: "error", message: "x", code: 400 }])?.code).toBe("upstream_refused");
    expect(errorOf([text, chunk({}, "error")])?.code).toBe("upstream_interrupted");
  });

  test("a key quoted in a provider's error stays out", () => {
    const quoted = { error: { message: "Incorrect API key provided: sk-secret", code: 401 } };
    expect(errorOf([quoted])?.message).not.toContain("sk-secret");
  });

  test("with something that is not JSON", () => {
    expect(errorOf([text, "{oops", stop])?.code).toBe("upstream_invalid_answer");
  });

  test("unknown payloads are unknown events", () => {
    const events = decodeStream([{ type: "ping" }, "3", text, stop]);
    expect(events.filter((event) => event.type === "unknown").map((event) => event.raw)).toEqual([
      { type: "ping" },
      3,
    ]);
    expect(fold(events).error).toBeUndefined();
  });
});

test("finish reasons", () => {
  const reasons = [
    "stop",
    "eos",
    "length",
    "model_length",
    "tool_calls",
    "function_call",
    "content_filter",
    "strange",
  ];
  const read = reasons.map((reason) => fold(decodeStream([chunk({ content: "a" }, reason)])).choices[0]);
  expect(read.map((choice) => choice?.finishReason)).toEqual([
    "stop",
    "stop",
    "length",
    "length",
    "tool-calls",
    "tool-calls",
    "content-filter",
    "other",
  ]);
  expect(read.map((choice) => choice?.rawFinishReason)).toEqual(reasons);
});

describe("a whole answer", () => {
  test("that is none is refused", () => {
    for (const body of [null, [], "x", {}, { choices: [] }, { choices: "x" }]) {
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
    }
    expect(thrown(() => decodeResponse({ error: { message: "no", code: 429 } }, PLAIN_FORM)).code).toBe(
      "upstream_rate_limit",
    );
  });
});

describe("encoding a stream", () => {
  const events: readonly StreamEvent[] = decodeStream([
    chunk({ content: "a" }),
    stop,
    { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
  ]);

  test("usage only for a client that asked", () => {
    const silent = chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true });
    expect(encodeStream(events, silent).some((payload) => payload.includes("usage"))).toBe(false);
    const payloads = encodeStream(events);
    expect(JSON.parse(payloads.at(-2) ?? "")).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, total_tokens: 3 },
    });
    expect(JSON.parse(payloads[0] ?? "")["usage"]).toBeNull();
  });

  test("the role comes once per choice, with the first delta", () => {
    const payloads = encodeStream(events);
    expect(payloads.filter((payload) => payload.includes('"role"')).length).toBe(1);
    expect(JSON.parse(payloads[0] ?? "").choices[0].delta).toEqual({ role: "assistant", content: "a" });
  });

  test("the tier that served the call follows the one that was asked for", () => {
    const tiered = (service_tier: string, content: string) => ({ ...chunk({ content }), service_tier });
    const asked = decodeStream([tiered("auto", "a"), tiered("default", "b"), stop]);
    expect(fold(asked).serviceTier).toBe("default");
    const payloads = encodeStream(asked).slice(0, -1);
    expect(payloads.map((payload) => JSON.parse(payload).service_tier)).toEqual([
      "auto",
      ...payloads.slice(1).map(() => "default"),
    ]);
    expect(new Set(payloads.map((payload) => JSON.parse(payload).id)).size).toBe(1);
  });

  test("a tool call without arguments gets an empty object", () => {
    const calling = decodeStream([
      chunk(call({ index: 0, id: "a", function: { name: "f", arguments: "" } })),
      chunk({}, "tool_calls"),
    ]);
    expect(fold(decodeStream(encodeStream(calling).slice(0, -1))).choices[0]?.blocks[0]?.text).toBe("{}");
  });
});

describe("any stream", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
  const delta = fc.oneof(
    text.map((content) => ({ content })),
    text.map((reasoning_content) => ({ reasoning_content })),
    text.map((refusal) => ({ refusal })),
    fc
      .tuple(fc.nat(3), text, text)
      .map(([index, name, args]) => call({ index, id: `id${index}`, function: { name, arguments: args } })),
  );
  const payload = fc.tuple(delta, fc.nat(2)).map(([content, choice]) => chunk(content, null, choice));
  const finishes = [0, 1, 2].map((choice) => chunk({ content: "." }, "stop", choice));

  test("means the same once encoded and decoded again", () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 20 }), (payloads) => {
        const events = decodeStream([...payloads, ...finishes]);
        const response = expectWellFormed(events);
        const again = fold(decodeStream(encodeStream([...events]).slice(0, -1)));
        expect(meaning(again)).toEqual(meaning({ ...response, ...(again.usage && { usage: again.usage }) }));
      }),
      { numRuns: 300 },
    );
  });

  test("of random JSON or random text neither throws nor hangs, and ends once", () => {
    const names = fc.constantFrom(
      "choices",
      "delta",
      "message",
      "index",
      "tool_calls",
      "function",
      "id",
      "content",
      "error",
      "usage",
      "name",
      "finish_reason",
      "x",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 7, depthSize: "large" },
        fc.constantFrom(null, 0, -1, 1e9, "", "stop", "error", true),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 6 }),
      ),
    }));
    const anything = fc.oneof(
      tree.map((value) => JSON.stringify(value) ?? ""),
      fc.string({ unit: "binary" }),
      fc.constant("[DONE]"),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (payloads) => {
        const decoder = openStreamDecoder(PLAIN_FORM);
        const events = [...payloads.flatMap((one) => decoder.step(one, undefined)), ...decoder.end()];
        expect(events.filter((event) => event.type === "error").length).toBeLessThanOrEqual(1);
        expect(decoder.step(JSON.stringify(chunk({ content: "late" })), undefined)).toEqual([]);
        expect(decoder.end()).toEqual([]);
        fold(events);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("any answer keeps to OpenAI's description, whole and streamed", () => {
  fc.assert(
    fc.property(anyAnswer, (answer) => {
      const whole: unknown = JSON.parse(encodeResponse(answer, askingForUsage, receipt));
      expect(faults("CreateChatCompletionResponse", whole)).toEqual([]);
      const payloads = encodeStream(streamed(answer));
      for (const payload of payloads.slice(0, -1)) expectChunk(JSON.parse(payload));
      const again = expectWellFormed(decodeStream(payloads.slice(0, -1)));
      expect(meaning(again)).toEqual(meaning(decodeResponse(whole, PLAIN_FORM)));
    }),
    { numRuns: 100 },
  );
});
