import { expect, test } from "bun:test";
import { decodeError } from "../../src/dialects/gemini/decode-error.ts";
import { encodeError, encodeStreamError } from "../../src/dialects/gemini/encode-error.ts";
import { ERRORS, type ErrorCode } from "../../src/model/error-table.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { sample } from "./google.ts";

const envelopeOf = (error: GatewayError): JsonObject =>
  JSON.parse(String(encodeError(error, "req_1").body)).error;

test("what Google's refusals mean", () => {
  const meaning = (name: string, status: number) => {
    const { errorClass, retryAfterMs } = decodeError(status, sample(`google-error-${name}`));
    return [errorClass, retryAfterMs];
  };
  expect(meaning("400", 400)).toEqual(["caller", undefined]);
  expect(meaning("400-key", 400)).toEqual(["auth", undefined]);
  expect(meaning("400-too-long", 400)).toEqual(["context_too_long", undefined]);
  expect(meaning("404", 404)).toEqual(["caller", undefined]);
  expect(meaning("429-per-minute", 429)).toEqual(["rate_limit", 34_400]);
  expect(meaning("429-per-day", 429)).toEqual(["quota", 7_000]);
  expect(meaning("503", 503)).toEqual(["overloaded", undefined]);
});

test("Google's own words for an error, the most precise first", () => {
  expect(decodeError(400, sample("google-error-400-key")).codes).toEqual([
    "API_KEY_INVALID",
    "INVALID_ARGUMENT",
  ]);
  expect(decodeError(503, sample("google-error-503")).codes).toEqual(["UNAVAILABLE"]);
  expect(decodeError(500, undefined).codes).toBeUndefined();
});

test("by status where nothing more is said, in a list as well, and never by throwing", () => {
  const classOf = (status: number, body: unknown) => decodeError(status, body).errorClass;
  expect(classOf(403, { error: { status: "PERMISSION_DENIED", message: "denied" } })).toBe("auth");
  expect(classOf(504, { error: { status: "DEADLINE_EXCEEDED" } })).toBe("timeout");
  expect(classOf(500, undefined)).toBe("server");
  expect(classOf(429, [sample("google-error-429-per-day")])).toBe("quota");
  expect(
    classOf(400, { error: { status: "FAILED_PRECONDITION", message: "User location is not supported" } }),
  ).toBe("auth");
  for (const body of [undefined, null, 3, "x", [], {}, { error: 3 }, { error: { details: [3, {}] } }])
    expect(classOf(418, body)).toBe("caller");
});

test("every error of the table has Google's envelope", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new GatewayError(code, { field: "a.b", retryAfterMs: 1_500 });
    const { status } = ERRORS[code];
    expect(encodeError(error, "req_1").status).toBe(status);
    expect(envelopeOf(error)).toEqual({
      code: status,
      message: `${error.message} ${error.mend}`,
      status: expect.stringMatching(/^[A-Z_]+$/),
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: code.toUpperCase(),
          domain: "gatehouse",
          metadata: { request_id: "req_1", mend: error.mend },
        },
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "a.b", description: error.message }],
        },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" },
      ],
    });
  }
});

test("Google's names of statuses", () => {
  const nameOf = (code: ErrorCode): unknown => envelopeOf(new GatewayError(code))["status"];
  expect(nameOf("invalid_request")).toBe("INVALID_ARGUMENT");
  expect(nameOf("missing_key")).toBe("UNAUTHENTICATED");
  expect(nameOf("model_not_allowed")).toBe("PERMISSION_DENIED");
  expect(nameOf("unknown_model")).toBe("NOT_FOUND");
  expect(nameOf("upstream_rate_limit")).toBe("RESOURCE_EXHAUSTED");
  expect(nameOf("overloaded")).toBe("UNAVAILABLE");
  expect(nameOf("internal")).toBe("INTERNAL");
});

test("a provider's own answer goes out untouched", () => {
  const upstream = { status: 418, contentType: "text/plain", body: Uint8Array.of(1, 2, 255) };
  expect(encodeError(new GatewayError("upstream_refused", { upstream }), "r")).toEqual(upstream);
});

test("inside a stream it is one event", () => {
  const written = encodeStreamError(new GatewayError("upstream_interrupted"), "req_1");
  expect(written).toStartWith('data: {"error":{"code":5');
  expect(written).toEndWith("}}\r\n\r\n");
});
