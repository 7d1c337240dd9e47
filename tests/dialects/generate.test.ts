import { describe, expect, test } from "bun:test";
import { decodeRequest } from "../../src/dialects/generate/decode-request.ts";
import { encodeError, encodeStreamError } from "../../src/dialects/generate/encode-error.ts";
import { encodeResponse } from "../../src/dialects/generate/encode-response.ts";
import { openStreamEncoder } from "../../src/dialects/generate/encode-stream.ts";
import { encodeRequest } from "../../src/dialects/openai-chat/encode-request.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { bytesOf, chunk, decodeStream, receipt, thrown } from "./chat.ts";

const decode = (body: JsonObject): InferenceRequest<"chat"> =>
  decodeRequest({ bytes: bytesOf(JSON.stringify(body)) });

describe("request", () => {
  test("a prompt alone", () => {
    const request = decode({ prompt: "hi" });
    expect(request).toMatchObject({ operation: "chat", dialect: "generate", model: "", stream: false });
    expect(request.original).toBeUndefined();
    expect(JSON.parse(encodeRequest(request, { model: "m", quirks: {} }).body)).toEqual({
      model: "m",
      messages: [{ role: "user", content: "hi" }],
    });
  });

  test("everything", () => {
    const request = decode({
      prompt: "and now?",
      provider: "openai",
      model: "gpt-x",
      system: "Be brief.",
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: "hello" },
      ],
      max_tokens: 9,
      temperature: 0.5,
      stream: true,
      metadata: { user: "u1", anything: [1] },
    });
    expect(request).toMatchObject({ model: "openai/gpt-x", stream: true, maxOutputTokens: 9, endUser: "u1" });
    expect(JSON.parse(encodeRequest(request, { model: "gpt-x", quirks: {} }).body)).toEqual({
      model: "gpt-x",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
        { role: "assistant", content: "hello" },
        { role: "user", content: "and now?" },
      ],
      temperature: 0.5,
      max_tokens: 9,
      user: "u1",
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("how provider and model make a name", () => {
    const named = (rest: JsonObject): string => decode({ prompt: "x", ...rest }).model;
    expect(named({ provider: "openai", model: "gpt-x" })).toBe("openai/gpt-x");
    expect(named({ provider: "openai", model: "openai/gpt-x" })).toBe("openai/gpt-x");
    expect(named({ provider: "openrouter", model: "openai/gpt-x" })).toBe("openrouter/openai/gpt-x");
    expect(named({ model: "gpt-x" })).toBe("gpt-x");
    expect(named({ provider: "openai" })).toBe("openai/");
    expect(named({ provider: null, model: null })).toBe("");
    expect(named({ provider: "", model: "" })).toBe("");
  });

  test("null stands for absent", () => {
    const names = [
      "provider",
      "model",
      "system",
      "messages",
      "max_tokens",
      "temperature",
      "stream",
      "metadata",
    ];
    const request = decode({ prompt: "hi", ...Object.fromEntries(names.map((name) => [name, null])) });
    expect(request).toMatchObject({ model: "", stream: false });
    expect(request.content().messages.length).toBe(1);
  });

  test("a bad one is refused by the field's path", () => {
    const turn = { role: "user", content: "x" };
    const cases: readonly [JsonObject, string][] = [
      [{}, "prompt"],
      [{ prompt: "" }, "prompt"],
      [{ prompt: 3 }, "prompt"],
      [{ messages: [] }, "prompt"],
      [{ messages: {} }, "messages"],
      [{ messages: [turn, "x"] }, "messages[1]"],
      [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
      [{ messages: [{ role: "user", content: ["x"] }] }, "messages[0].content"],
      [{ messages: [{ ...turn, nmae: 1 }] }, "messages[0].nmae"],
      [{ prompt: "x", max_tokens: 0 }, "max_tokens"],
      [{ prompt: "x", temperature: "hot" }, "temperature"],
      [{ prompt: "x", stream: 1 }, "stream"],
      [{ prompt: "x", metadata: [] }, "metadata"],
      [{ prompt: "x", provider: "a/b" }, "provider"],
    ];
    for (const [body, field] of cases)
      expect(thrown(() => decode(body))).toMatchObject({ code: "invalid_request", field });
  });

  test("an unknown member is refused with what is known and what was likely meant", () => {
    const refused = (name: string): GatewayError =>
      thrown(() => decode(JSON.parse(`{"prompt":"x","${name}":1}`)));
    expect(refused("max_token").message).toBe("`max_token` is not known here. Did you mean `max_tokens`?");
    expect(refused("maxTokens").message).toContain("Did you mean `max_tokens`?");
    expect(refused("xyz").message).toBe("`xyz` is not known here.");
    expect(refused("xyz").mend).toContain("prompt, provider, model, system");
    expect(refused("__proto__").field).toBe("__proto__");
    expect(refused("y".repeat(100_000)).message.length).toBeLessThan(200);
  });
});

const events = decodeStream([
  chunk({ reasoning_content: "hm" }),
  chunk({ content: "a" }),
  chunk({ content: "b" }, null, 1),
  chunk({ content: 'c"\n' }),
  chunk({}, "length"),
  chunk({}, "stop", 1),
]);

const answer = {
  id: "req_1",
  text: 'ac"\n',
  provider: "openai",
  model: "gpt-x",
  finish_reason: "length",
  usage: { input_tokens: 3, cached_input_tokens: 0, output_tokens: 2, reasoning_tokens: 0, estimated: true },
  cost_usd: 0.0000015,
  latency_ms: 12,
  attempts: 1,
};

describe("answer", () => {
  test("whole", () => {
    const written = encodeResponse(fold(events), decode({ prompt: "x" }), receipt);
    expect(JSON.parse(written)).toEqual(answer);
    expect(written).toContain('"cost_usd":0.0000015,');
  });

  test("cost is exact, or null where there is no price", () => {
    const { cost: _, ...unpriced } = receipt;
    expect(JSON.parse(encodeResponse(fold(events), decode({ prompt: "x" }), unpriced)).cost_usd).toBeNull();
    const dear = { ...receipt, cost: nanoDollars(9_007_199_254_740_991) };
    expect(encodeResponse(fold(events), decode({ prompt: "x" }), dear)).toContain(
      '"cost_usd":9007199.254740991,',
    );
  });

  test("streamed: deltas, then the same object", () => {
    const encoder = openStreamEncoder();
    const written = events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt);
    const [first, second, done, rest] = written.split("\n\n");
    expect([first, second]).toEqual([
      'event: delta\ndata: {"text":"a"}',
      'event: delta\ndata: {"text":"c\\"\\n"}',
    ]);
    expect(done).toStartWith("event: done\ndata: ");
    expect(JSON.parse(done?.slice("event: done\ndata: ".length) ?? "")).toEqual(answer);
    expect(rest).toBe("");
  });
});

test("errors", () => {
  const upstream = { status: 418, contentType: "text/plain", body: Uint8Array.of(1) };
  const error = new GatewayError("upstream_refused", { field: "model", upstream });
  const envelope = {
    error: {
      code: "upstream_refused",
      message: error.message,
      mend: error.mend,
      field: "model",
      request_id: "req_1",
    },
  };
  expect(encodeError(error, "req_1")).toEqual({
    status: 400,
    contentType: "application/json",
    body: JSON.stringify(envelope),
  });
  expect(encodeStreamError(error, "req_1")).toBe(`event: error\ndata: ${JSON.stringify(envelope)}\n\n`);
});
