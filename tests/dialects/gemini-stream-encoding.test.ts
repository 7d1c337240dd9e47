import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/gemini/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/gemini/decode-stream.ts";
import { encodeResponse } from "../../src/dialects/gemini/encode-response.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { type Block, fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { decodeStream, receipt } from "./chat.ts";
import { candidate, chunk } from "./gemini-chunks.ts";
import { decodeGoogle, encodeGoogle, sampleChunks, saying, streaming } from "./google.ts";
import { expectAnswer } from "./google-schema.ts";

describe("answers of other dialects", () => {
  test("OpenAI's stream, in Google's words: calls whole, usage and ends in the last chunk", () => {
    const delta = (value: JsonObject, finish_reason: string | null = null): JsonObject => ({
      id: "c1",
      model: "gpt",
      choices: [{ index: 0, delta: value, finish_reason }],
    });
    const call = (rest: JsonObject): JsonObject => delta({ tool_calls: [{ index: 0, ...rest }] });
    const payloads = encodeGoogle(
      decodeStream([
        delta({ reasoning_content: "hm" }),
        delta({ content: "Yes" }),
        call({ id: "t1", function: { name: "f", arguments: '{"a":' } }),
        call({ function: { arguments: "12345678901234567890}" } }),
        delta({}, "tool_calls"),
        { choices: [], usage: { prompt_tokens: 9, completion_tokens: 7, total_tokens: 16 } },
      ]),
    );
    expect(payloads.join("\n")).toContain('"args":{"a":12345678901234567890}');
    const chunks = payloads.map((payload): JsonObject => JSON.parse(payload));
    for (const one of chunks) expectAnswer(one);
    expect(chunks.map(({ candidates }) => (candidates as readonly JsonObject[])[0]?.["content"])).toEqual([
      { role: "model", parts: [{ text: "hm", thought: true }] },
      { role: "model", parts: [{ text: "Yes" }] },
      {
        role: "model",
        parts: [{ functionCall: { id: "t1", name: "f", args: { a: Number("12345678901234567890") } } }],
      },
      { role: "model", parts: [{ text: "" }] },
    ]);
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 7, totalTokenCount: 16 },
      modelVersion: "gpt",
      responseId: "c1",
    });
    expect(chunks.filter((one) => "usageMetadata" in one)).toHaveLength(1);
  });

  test("arguments that are no object are kept as one argument", () => {
    const blocks = [
      { kind: "tool-call", id: "1", name: "f", text: "not json" },
      { kind: "tool-call", id: "2", name: "g", text: "go", freeForm: true },
      { kind: "tool-call", id: "3", name: "h", text: "" },
    ] as const;
    const written = JSON.parse(encodeResponse({ choices: [{ blocks }] }, streaming, receipt));
    expectAnswer(written);
    expect(written.candidates[0].content.parts.map((part: JsonObject) => part["functionCall"])).toEqual([
      { id: "1", name: "f", args: { input: "not json" } },
      { id: "2", name: "g", args: { input: "go" } },
      { id: "3", name: "h", args: {} },
    ]);
  });

  test("another vendor's proof comes wrapped in base64, as bytes do, and is known again", () => {
    const signature = { vendor: "anthropic", value: "EqQBCg==", redacted: true } as const;
    const response = { choices: [{ blocks: [{ kind: "reasoning", text: "", signature }] as Block[] }] };
    const written = JSON.parse(encodeResponse(response, streaming, receipt));
    const [part] = written.candidates[0].content.parts;
    expect(part.thoughtSignature).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(decodeResponse(written, PLAIN_FORM).choices[0]?.blocks).toEqual(
      response.choices[0]?.blocks as Block[],
    );
  });

  test("a stream folds to what the whole answer is, through both encoders", () => {
    const events = decodeGoogle(sampleChunks("google-generate-thoughts"));
    const streamed = fold(decodeGoogle(encodeGoogle(events)));
    const whole = JSON.parse(encodeResponse(fold(events), streaming, receipt));
    expect(saying(decodeResponse(whole, PLAIN_FORM))).toEqual(saying(streamed));
  });
});

test("a forced JSON tool is undone in a stream", () => {
  const decoder = openStreamDecoder({ jsonTool: "give_answer" });
  const call = { functionCall: { name: "give_answer", args: { a: 1 } }, thoughtSignature: "cw==" };
  const events = [
    ...decoder.step(JSON.stringify(chunk(candidate([call], "STOP"))), undefined),
    ...decoder.end(),
  ];
  expect(fold(events).choices[0]).toMatchObject({
    finishReason: "stop",
    blocks: [{ kind: "text", text: '{"a":1}' }],
  });
});
