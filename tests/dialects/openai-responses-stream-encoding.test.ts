import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/openai-responses/decode-response.ts";
import { encodeStreamError } from "../../src/dialects/openai-responses/encode-error.ts";
import { encodeResponse } from "../../src/dialects/openai-responses/encode-response.ts";
import { openStreamEncoder } from "../../src/dialects/openai-responses/encode-stream.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyAnswer, streamed } from "./any-answer.ts";
import { expectWellFormed, receipt } from "./chat.ts";
import { eventFaults, faults } from "./openai-description.ts";
import {
  decodeResponses,
  encodeResponses,
  expectResponsesStream,
  payloadsOf,
  responsesRequest,
  wholeMeaning,
} from "./responses.ts";

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
