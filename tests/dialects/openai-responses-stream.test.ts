import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/openai-responses/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/openai-responses/decode-stream.ts";
import { encodeStreamError } from "../../src/dialects/openai-responses/encode-error.ts";
import { encodeResponse } from "../../src/dialects/openai-responses/encode-response.ts";
import { openStreamEncoder } from "../../src/dialects/openai-responses/encode-stream.ts";
import { openStreamScanner, scanResponse } from "../../src/dialects/openai-responses/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyAnswer, streamed } from "./any-answer.ts";
import { bytesOf, expectWellFormed, receipt, thrown } from "./chat.ts";
import { eventFaults, faults } from "./openai-description.ts";
import {
  decodeResponses,
  encodeResponses,
  expectResponsesStream,
  payloadsOf,
  responsesRequest,
  wholeMeaning,
} from "./responses.ts";

const message = { type: "message", id: "msg_1", role: "assistant", status: "completed" };
const textPart = (text: string): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: [] });
const delta = (text: string, rest: JsonObject = {}): JsonObject => ({
  type: "response.output_text.delta",
  output_index: 0,
  content_index: 0,
  item_id: "msg_1",
  delta: text,
  ...rest,
});
const response = (output: readonly unknown[], rest: JsonObject = {}): JsonObject => ({
  object: "response",
  id: "resp_1",
  model: "m",
  created_at: 1,
  status: "completed",
  output,
  ...rest,
});
const completed = (output: readonly unknown[] = [], rest: JsonObject = {}): JsonObject => ({
  type: "response.completed",
  response: response(output, rest),
});
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

describe("its end", () => {
  test("incomplete tells why", () => {
    const incomplete = (reason: string): JsonObject => ({
      type: "response.incomplete",
      response: response([], { status: "incomplete", incomplete_details: { reason } }),
    });
    const reasonOf = (payload: JsonObject) =>
      fold(decodeResponses([delta("a"), payload])).choices[0]?.finishReason;
    expect(reasonOf(incomplete("max_output_tokens"))).toBe("length");
    expect(reasonOf(incomplete("content_filter"))).toBe("content-filter");
    expect(reasonOf(incomplete("x_new"))).toBe("other");
  });

  test("without a terminal event it is an error, whatever came", () => {
    for (const payloads of [[], [delta("a")], [delta("a"), "[DONE]"]])
      expect(fold(decodeResponses(payloads)).error?.code).toBe("upstream_interrupted");
  });

  test("a failure has its class, in each of its forms", () => {
    const failure = (code: string, message_ = "no"): readonly JsonObject[] => [
      { type: "error", code, message: message_, param: null },
      { type: "error", error: { type: code, code, message: message_ } },
      { type: "response.failed", response: { status: "failed", error: { code, message: message_ } } },
    ];
    const classes: readonly [string, string][] = [
      ["rate_limit_exceeded", "rate_limit"],
      ["insufficient_quota", "quota"],
      ["context_length_exceeded", "context_too_long"],
      ["server_error", "server"],
      ["invalid_prompt", "caller"],
      ["bio_policy", "content_filter"],
      ["x_new", "server"],
    ];
    for (const [code, errorClass] of classes) {
      for (const payload of failure(code)) {
        const { error } = fold(decodeResponses([payload]));
        expect([code, error?.errorClass, error?.message]).toEqual([code, errorClass as never, "no"]);
      }
      const whole = response([], { status: "failed", error: { code, message: "no" } });
      expect(thrown(() => decodeResponse(whole, PLAIN_FORM)).errorClass).toBe(errorClass as never);
      expect(thrown(() => scanResponse(whole)).errorClass).toBe(errorClass as never);
    }
  });

  test("a whole answer that is none, or has not come to its end", () => {
    const codeOf = (body: unknown): string => thrown(() => decodeResponse(body, PLAIN_FORM)).code;
    expect([null, [], {}, { output: 3 }, { choices: [] }].map(codeOf)).toEqual(
      Array.from({ length: 5 }, () => "upstream_invalid_answer"),
    );
    expect(codeOf(response([], { status: "queued" }))).toBe("upstream_interrupted");
    expect(codeOf(response([], { status: "cancelled" }))).toBe("upstream_interrupted");
    expect(scanResponse(response([], { status: "queued" })).finishReason).toBeUndefined();
  });
});

describe("a client's stream", () => {
  const start = { type: "start", id: "a", model: "m", createdAtS: 1 } as const;
  const at = { choice: 0, index: 0 } as const;
  const finish = { type: "finish", choice: 0, reason: "stop", rawReason: "stop" } as const;
  const typesOf = (events: readonly StreamEvent[]) => encodeResponses(events).map(({ type }) => type);

  test("says each step of a text in the documented order", () => {
    const events: readonly StreamEvent[] = [
      start,
      { type: "block-start", ...at, block: { kind: "text" } },
      { type: "block-delta", ...at, text: "a" },
      { type: "citation", ...at, citation: { source: { kind: "url", url: "https://x.test" } } },
      { type: "block-end", ...at },
      finish,
    ];
    expect(typesOf(events)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.annotation.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
  });

  test("an empty answer, and one without a finish, are complete responses", () => {
    for (const events of [[start, finish], [start], []]) {
      expect(typesOf(events)).toEqual(["response.created", "response.in_progress", "response.completed"]);
      expectResponsesStream(encodeResponses(events));
    }
  });

  test("a call's proof stands before it and comes back to it", () => {
    const events: readonly StreamEvent[] = [
      start,
      { type: "block-start", ...at, block: { kind: "tool-call", id: "c", name: "f" } },
      { type: "signature", ...at, signature: { vendor: "google", value: "g" } },
      { type: "block-delta", ...at, text: "{}" },
      { type: "block-end", ...at },
      finish,
    ];
    const payloads = encodeResponses(events);
    expectResponsesStream(payloads);
    const last = payloads.at(-1)?.["response"] as { output: JsonObject[] };
    expect(last.output.map(({ type }) => type)).toEqual(["reasoning", "function_call"]);
    expect(responsesRequest({ input: last.output }).content().messages).toEqual([
      {
        role: "assistant",
        content: [
          {
            kind: "tool-call",
            id: "c",
            name: "f",
            arguments: "{}",
            signature: { vendor: "google", value: "g" },
          },
        ],
      },
    ]);
  });

  test("a tool of a namespace is named as the client named it", () => {
    const tools = [
      { type: "namespace", name: "gate", description: "", tools: [{ type: "function", name: "open" }] },
    ];
    const events: readonly StreamEvent[] = [
      start,
      { type: "block-start", ...at, block: { kind: "tool-call", id: "c", name: "gate__open" } },
      { type: "block-end", ...at },
      finish,
    ];
    const payloads = encodeResponses(events, responsesRequest({ stream: true, tools }));
    const items = payloads.flatMap(({ item }) => (item === undefined ? [] : [item]));
    expect(items).toEqual([
      expect.objectContaining({ namespace: "gate", name: "open", arguments: "" }),
      expect.objectContaining({ namespace: "gate", name: "open", arguments: "{}" }),
    ]);
  });

  test("repeats what was asked", () => {
    const asked = {
      instructions: "i",
      tools: [{ type: "function", name: "f" }],
      tool_choice: "required",
      temperature: 0.5,
      metadata: { a: "b" },
      reasoning: { effort: "low" },
      text: { verbosity: "low" },
      user: "u",
      stream: true,
    };
    const [created] = encodeResponses([start, finish], responsesRequest(asked));
    const { stream: _, tools, reasoning, text, ...same } = asked;
    expect(created?.["response"]).toMatchObject({
      ...same,
      tools: [{ type: "function", name: "f", parameters: null, strict: false }],
      reasoning: { effort: "low", summary: null },
      text: { format: { type: "text" }, verbosity: "low" },
    });
    expect(tools && reasoning && text).toBeTruthy();
    expect(eventFaults(created ?? {})).toEqual([]);
  });

  test("that fails ends with the failure, numbered on, and by the description", () => {
    const encoder = openStreamEncoder(responsesRequest({ stream: true }));
    const said = [
      start,
      { type: "block-start", ...at, block: { kind: "text" } } as const,
      { type: "block-delta", ...at, text: "a" } as const,
    ].map((event) => encoder.encode(event));
    const error = new GatewayError("upstream_rate_limit", { message: "Slower." });
    const payloads = payloadsOf(said.join("") + encoder.fail?.(error, "req_1"));
    expect(payloads.map((payload) => payload["sequence_number"])).toEqual(payloads.map((_, index) => index));
    expect(payloads.flatMap(eventFaults)).toEqual([]);
    expect(payloads.slice(-2)).toEqual([
      expect.objectContaining({ type: "error", code: "rate_limit_exceeded" }),
      expect.objectContaining({
        type: "response.failed",
        response: expect.objectContaining({
          id: "a",
          status: "failed",
          error: { code: "rate_limit_exceeded", message: expect.stringContaining("Slower.") },
        }),
      }),
    ]);
  });

  test("that fails before it began", () => {
    const payloads = payloadsOf(encodeStreamError(new GatewayError("upstream_quota"), "req_1"));
    expect(payloads.map(({ type }) => type)).toEqual(["error", "response.failed"]);
    expect(fold(decodeResponses(payloads)).error?.errorClass).toBe("quota");
  });
});

describe("a passing stream", () => {
  const scan = (events: readonly (string | JsonObject)[]) => {
    const scanner = openStreamScanner();
    const kinds = events.map((event) => {
      const text =
        typeof event === "string"
          ? event
          : `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`;
      const before = ": before\n\n";
      const bytes = bytesOf(before + text);
      return scanner.scan(bytes, before.length, bytes.length);
    });
    return { kinds, facts: scanner.facts(), failure: scanner.failure() };
  };

  test("is looked at where it says something", () => {
    const usage = { input_tokens: 9, output_tokens: 4, total_tokens: 13 };
    const search = { type: "web_search_call", action: { type: "search" } };
    const { kinds, facts } = scan([
      { type: "response.created", response: {} },
      { item: { type: "message" }, type: "response.output_item.added" },
      delta("abc"),
      delta(""),
      { type: "response.output_item.done", item: search },
      { type: "response.mood" },
      completed([], { usage }),
    ]);
    expect(kinds).toEqual(["preamble", "preamble", "content", "preamble", "content", "preamble", "terminal"]);
    expect(facts).toMatchObject({ finishReason: "completed", outputBytes: 3, outputEvents: 1 });
    expect(facts.usage).toMatchObject({ inputTokens: 9, outputTokens: 4, billedToolCalls: 1 });
    expect(facts.usage?.billedTools).toEqual({ webSearch: 1 });
  });

  test("tells the tier that was asked for, and in the end the one that served", () => {
    const metadata = { service_tier: "mine" };
    const created = { type: "response.created", response: { metadata, service_tier: "auto" } };
    const served = completed([], { service_tier: "priority" });
    expect(scan([created]).facts.serviceTier).toBe("auto");
    expect(scan([created, served]).facts.serviceTier).toBe("priority");
    expect(scan([{ type: "response.created", response: { metadata } }]).facts.serviceTier).toBeUndefined();
  });

  test("whose events have no type in their payload", () => {
    const { kinds, facts } = scan([
      `event: response.completed\ndata: {"response":{"status":"completed"}}\n\n`,
    ]);
    expect([kinds, facts.finishReason]).toEqual([["terminal"], "completed"]);
  });

  test("that fails says so twice, or once", () => {
    const error = { type: "error", error: { code: "insufficient_quota", message: "no" } };
    const failed = { type: "response.failed", response: { error: { code: "server_error", message: "x" } } };
    expect(scan([error, failed])).toMatchObject({
      kinds: ["failing", "error"],
      failure: { errorClass: "quota" },
    });
    expect(scan([failed])).toMatchObject({ kinds: ["error"], failure: { errorClass: "server" } });
    expect(scan([error, completed()]).kinds).toEqual(["failing", "terminal"]);
  });

  test("a name inside a text is no member", () => {
    const { kinds, facts } = scan([delta('"type":"response.completed","delta":"x"')]);
    expect(kinds).toEqual(["content"]);
    expect(facts.finishReason).toBeUndefined();
  });
});

describe("any answer", () => {
  const request = responsesRequest({ stream: true });

  test("is the same whole and streamed, and keeps to OpenAI's description", () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const whole: unknown = JSON.parse(encodeResponse(answer, request, receipt));
        expect(faults("Response", whole)).toEqual([]);
        const payloads = encodeResponses(streamed(answer), request);
        expectResponsesStream(payloads);
        const fromWhole = decodeResponse(whole, PLAIN_FORM);
        const fromStream = expectWellFormed(decodeResponses(payloads));
        expect(wholeMeaning(fromStream)).toEqual(wholeMeaning(fromWhole));
        expect(wholeMeaning(decodeResponse(payloads.at(-1)?.["response"], PLAIN_FORM))).toEqual(
          wholeMeaning(fromWhole),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("says the same text, calls and usage as it said", () => {
    const spoken = (blocks: readonly { kind: string; text: string }[]) =>
      ["text", "reasoning", "refusal", "tool-call"].map((kind) =>
        blocks
          .flatMap((block) => (block.kind === kind ? [block.text] : []))
          .join("|")
          .replaceAll("|", ""),
      );
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const again = fold(decodeResponses(encodeResponses(streamed(answer), request)));
        expect(spoken(again.choices[0]?.blocks ?? [])).toEqual(
          spoken(
            (answer.choices[0]?.blocks ?? []).map((block) => ({
              ...block,
              text: block.text.replaceAll("|", ""),
            })),
          ),
        );
        expect(again.usage?.outputTokens).toBe(answer.usage?.outputTokens ?? -1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("anything at all", () => {
  const member = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant([]),
    fc.constant({}),
  );
  const item = fc.dictionary(
    fc.constantFrom("type", "id", "name", "call_id", "content", "summary", "arguments", "encrypted_content"),
    fc.oneof(member, fc.constantFrom("message", "reasoning", "function_call", "web_search_call")),
  );
  const event = fc.dictionary(
    fc.constantFrom(
      "type",
      "item",
      "delta",
      "text",
      "part",
      "response",
      "output_index",
      "content_index",
      "error",
    ),
    fc.oneof(
      member,
      item,
      fc.constantFrom(
        "response.created",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
        "response.content_part.added",
        "response.completed",
        "error",
      ),
    ),
  );

  test("never breaks the decoder or the scanner", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.string()), { maxLength: 12 }), (events) => {
        expectWellFormedOrFailed(decodeResponses(events));
        const scanner = openStreamScanner();
        for (const one of events) {
          const bytes = bytesOf(`data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`);
          expect(["preamble", "content", "terminal", "error", "failing"]).toContain(
            scanner.scan(bytes, 0, bytes.length),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What a failure leaves open is nobody's to end. */
function expectWellFormedOrFailed(events: readonly StreamEvent[]): void {
  if (events.some((event) => event.type === "error")) expect(fold(events).error).toBeDefined();
  else expectWellFormed(events);
}
