import { describe, expect, test } from "bun:test";
import { decodeError } from "../../src/dialects/openai-chat/decode-error.ts";
import { encodeError, encodeStreamError } from "../../src/dialects/openai-chat/encode-error.ts";
import { ERRORS, type ErrorCode } from "../../src/model/error-table.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";

const envelopeOf = (error: GatewayError): { [name: string]: unknown } =>
  JSON.parse(String(encodeError(error, "req_1").body)).error;

test("every error of the table has OpenAI's envelope", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new GatewayError(code, { field: "a.b" });
    // OpenAI knows no other status for want of money.
    const status = code === "budget_exhausted" ? 429 : ERRORS[code].status;
    expect(encodeError(error, "req_1").status).toBe(status);
    expect(envelopeOf(error)).toEqual({
      message: `${error.message} ${error.mend}`,
      type: expect.stringMatching(
        /^(invalid_request_error|permission_error|rate_limit_error|insufficient_quota|server_error)$/,
      ),
      param: "a.b",
      code: expect.any(String),
      request_id: "req_1",
      mend: error.mend,
    });
  }
});

test("OpenAI's words where it has them", () => {
  const words = (code: ErrorCode): unknown => [
    envelopeOf(new GatewayError(code))["type"],
    envelopeOf(new GatewayError(code))["code"],
  ];
  expect(words("invalid_key")).toEqual(["invalid_request_error", "invalid_api_key"]);
  expect(words("unknown_model")).toEqual(["invalid_request_error", "model_not_found"]);
  expect(words("upstream_quota")).toEqual(["insufficient_quota", "insufficient_quota"]);
  expect(words("upstream_rate_limit")).toEqual(["rate_limit_error", "rate_limit_exceeded"]);
  expect(words("model_not_allowed")).toEqual(["permission_error", "model_not_allowed"]);
  expect(words("overloaded")).toEqual(["server_error", "overloaded"]);
});

test("a provider's own answer goes out untouched", () => {
  const upstream = { status: 418, contentType: "text/plain", body: Uint8Array.of(1, 2, 255) };
  expect(encodeError(new GatewayError("upstream_refused", { upstream }), "r")).toEqual(upstream);
});

test("inside a stream it is one event and no [DONE]", () => {
  const written = encodeStreamError(new GatewayError("upstream_interrupted"), "req_1");
  expect(written).toStartWith('data: {"error":{');
  expect(written).toEndWith("}}\n\n");
  expect(written).not.toContain("[DONE]");
});

describe("what a refusal means", () => {
  const cases: readonly [
    what: string,
    status: number,
    body: unknown,
    errorClass: string,
    message?: string,
  ][] = [
    [
      "OpenAI's key",
      401,
      { error: { message: "Incorrect API key", code: "invalid_api_key" } },
      "auth",
      "Incorrect API key",
    ],
    ["OpenAI's quota", 429, { error: { message: "m", code: "insufficient_quota" } }, "quota", "m"],
    ["a rate limit", 429, { error: { message: "slow", type: "rate_limit_error" } }, "rate_limit", "slow"],
    ["no balance", 402, { error: { message: "Insufficient Balance" } }, "quota", "Insufficient Balance"],
    [
      "Mistral's findings",
      422,
      {
        object: "error",
        message: { detail: [{ loc: ["body", "seed"], msg: "Extra inputs are not permitted" }] },
      },
      "caller",
      "body.seed: Extra inputs are not permitted",
    ],
    [
      "FastAPI's findings",
      422,
      { detail: [{ loc: ["body", "n"], msg: "too many" }, 3] },
      "caller",
      "body.n: too many",
    ],
    ["FastAPI's text", 404, { detail: "Not Found" }, "caller", "Not Found"],
    [
      "xAI's key",
      400,
      { code: "invalid argument", error: "Incorrect API key provided: x" },
      "auth",
      "Incorrect API key provided: x",
    ],
    ["xAI's form", 400, { code: "invalid argument", error: "Bad temperature" }, "caller", "Bad temperature"],
    [
      "vLLM's context",
      400,
      { object: "error", message: "This model's maximum context length is 4096 tokens.", code: 400 },
      "context_too_long",
      "This model's maximum context length is 4096 tokens.",
    ],
    [
      "Together's context",
      422,
      {
        error: {
          message: "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193 tokens",
          type: "invalid_request_error",
        },
      },
      "context_too_long",
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193 tokens",
    ],
    [
      "Groq's size",
      413,
      { error: { message: "Request too large", code: "rate_limit_exceeded" } },
      "context_too_long",
      "Request too large",
    ],
    [
      "OpenRouter's moderation",
      403,
      { error: { code: 403, message: "flagged", metadata: { reasons: ["violence"], flagged_input: "..." } } },
      "content_filter",
      "flagged",
    ],
    ["Groq's flex tier", 498, { error: { message: "m", code: "capacity_exceeded" } }, "overloaded", "m"],
    [
      "xAI's credits",
      403,
      { code: "The caller does not have permission", error: "Your team has used all available credits." },
      "quota",
      "Your team has used all available credits.",
    ],
    [
      "a body that is too large for a proxy",
      413,
      { message: "Payload Too Large" },
      "caller",
      "Payload Too Large",
    ],
    ["a page of HTML", 502, undefined, "server"],
    ["nothing", 400, {}, "caller"],
  ];
  for (const [what, status, body, errorClass, message] of cases) {
    test(what, () => {
      const decoded = decodeError(status, body);
      expect(decoded.errorClass).toBe(errorClass as typeof decoded.errorClass);
      expect(decoded.message).toBe(message);
    });
  }

  test("the vendor's own codes, most precise first, numbers too", () => {
    expect(decodeError(402, { error: { code: 402, type: "billing", message: "m" } }).codes).toEqual([
      "402",
      "billing",
    ]);
    expect(decodeError(400, { code: "a", error: "b" }).codes).toEqual(["a"]);
    expect(decodeError(400, "text").codes).toBeUndefined();
  });
});
