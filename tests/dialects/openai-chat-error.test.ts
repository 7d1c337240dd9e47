import { expect, test } from "bun:test";
import { encodeError, encodeStreamError } from "../../src/dialects/openai-chat/encode-error.ts";
import { ERRORS, type ErrorCode } from "../../src/model/error-table.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";

const envelopeOf = (error: GatewayError): { [name: string]: unknown } =>
  JSON.parse(String(encodeError(error, "req_1").body)).error;

test("every error of the table has OpenAI's envelope", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new GatewayError(code, { field: "a.b" });
    expect(encodeError(error, "req_1").status).toBe(ERRORS[code].status);
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
