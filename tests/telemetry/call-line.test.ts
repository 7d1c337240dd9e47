import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Receipt } from "../../src/model/dialect.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import type { CallFacts } from "../../src/telemetry/call-facts.ts";
import { callLine } from "../../src/telemetry/call-line.ts";

const SECRET = "sk-proj-abcDEF1234567890_abc";

function facts(model: string, more: Partial<CallFacts> = {}): CallFacts {
  return {
    request: {
      requestId: "req_1",
      receivedAtMs: 1,
      project: "shop",
      keyId: "key_1",
      operation: "chat",
      dialect: "openai-chat",
      requestedModel: model,
      stream: false,
    },
    closing: {
      requestId: "req_1",
      outcome: "ok",
      status: 200,
      attempts: 1,
      totalMs: 12.345,
      firstTokenMs: 3.21,
    },
    receipt: undefined,
    failure: undefined,
    content: undefined,
    ...more,
  };
}

const receipt: Receipt = {
  requestId: "req_1",
  provider: "one",
  model: "m",
  attempts: 1,
  totalMs: 12,
  usage: { ...NO_USAGE, inputTokens: 10, cachedInputTokens: 4, outputTokens: 2, source: "reported" },
  cost: nanoDollars(1_500_000_000),
};

describe("the line of a call", () => {
  test("has the members that it always had", () => {
    expect(JSON.parse(callLine(facts("one/m", { receipt }), 30, 77))).toEqual({
      level: 30,
      time: 77,
      request_id: "req_1",
      project: "shop",
      key_id: "key_1",
      dialect: "openai-chat",
      operation: "chat",
      model: "one/m",
      target: "one/m",
      stream: false,
      outcome: "ok",
      status: 200,
      attempts: 1,
      input_tokens: 10,
      cached_tokens: 4,
      output_tokens: 2,
      usage: "reported",
      cost_usd: "1.5",
      first_token_ms: 3.2,
      total_ms: 12.3,
      msg: "call",
    });
  });

  test("is JSON whatever a client called its model, and keeps no more than the beginning of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (model) => {
        const { model: said } = JSON.parse(callLine(facts(model), 30, 0));
        expect(said.length).toBeLessThanOrEqual(200);
        if (!model.includes("_") && !model.includes("-"))
          expect(model.toWellFormed()).toStartWith(said.toWellFormed());
      }),
    );
  });

  test("tells a failure and what lay beneath it, and no secret in any of it", () => {
    const failure = new GatewayError("upstream_server", {
      message: `The provider said: "${SECRET}"`,
      cause: new Error(`with ${SECRET}`),
    });
    const content = { request: `my key is ${SECRET}`, answer: `${SECRET} is a key` };
    const line = callLine(facts(SECRET, { failure, content }), 40, 0);
    expect(line).not.toContain(SECRET.slice(-12));
    expect(JSON.parse(line)).toMatchObject({
      code: "upstream_server",
      error: expect.stringContaining("The provider said"),
      cause: expect.stringContaining("Error: with"),
      content: { request: expect.stringContaining("my key is") },
    });
  });
});
