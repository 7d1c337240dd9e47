import { describe, expect, test } from "bun:test";
import { decodeError } from "../../src/dialects/anthropic-messages/decode-error.ts";
import { encodeError, encodeStreamError } from "../../src/dialects/anthropic-messages/encode-error.ts";
import { ERRORS, type ErrorCode } from "../../src/model/error-table.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";

const TYPES = [
  "invalid_request_error",
  "authentication_error",
  "billing_error",
  "permission_error",
  "not_found_error",
  "request_too_large",
  "rate_limit_error",
  "api_error",
  "timeout_error",
  "overloaded_error",
];

describe("a provider's refusal", () => {
  const classOf = (status: number, type: string, message = "m", more: object = {}) =>
    decodeError(status, { type: "error", error: { type, message, ...more } }).errorClass;

  test("by type and status", () => {
    expect(classOf(400, "invalid_request_error")).toBe("caller");
    expect(classOf(401, "authentication_error")).toBe("auth");
    expect(classOf(402, "billing_error")).toBe("quota");
    expect(classOf(403, "permission_error")).toBe("auth");
    expect(classOf(404, "not_found_error")).toBe("caller");
    expect(classOf(413, "request_too_large")).toBe("caller");
    expect(classOf(429, "rate_limit_error")).toBe("rate_limit");
    expect(classOf(500, "api_error")).toBe("server");
    expect(classOf(504, "timeout_error")).toBe("timeout");
    expect(classOf(529, "overloaded_error")).toBe("overloaded");
  });

  test("by what only the words or the details say", () => {
    const invalid = (message: string) => classOf(400, "invalid_request_error", message);
    expect(invalid("prompt is too long: 207312 tokens > 200000 maximum")).toBe("context_too_long");
    expect(invalid("input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000")).toBe(
      "context_too_long",
    );
    expect(invalid("Your credit balance is too low to access the Anthropic API.")).toBe("quota");
    expect(invalid("Output blocked by content filtering policy")).toBe("content_filter");
    const details = { details: { error_code: "enforced_spend_limit_reached" } };
    expect(classOf(429, "rate_limit_error", "m", details)).toBe("quota");
  });

  test("in the envelopes of servers that are only alike, and in none", () => {
    expect(decodeError(404, { error: { message: "no such model" } })).toEqual({
      errorClass: "caller",
      message: "no such model",
    });
    expect(
      decodeError(400, { type: "error", error: { type: "invalid_request_error", message: "m" } }).codes,
    ).toEqual(["invalid_request_error"]);
    expect(decodeError(422, { detail: "bad" })).toEqual({ errorClass: "caller", message: "bad" });
    expect(decodeError(502, undefined)).toEqual({ errorClass: "server" });
    expect(decodeError(400, [])).toEqual({ errorClass: "caller" });
  });
});

describe("our own errors", () => {
  test("each code of the table has one of Anthropic's types, a status and its mend in the message", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new GatewayError(code);
      const { status, body } = encodeError(error, "req_1");
      const envelope = JSON.parse(String(body));
      expect(envelope).toMatchObject({ type: "error", request_id: "req_1" });
      expect(TYPES).toContain(envelope.error.type);
      expect(envelope.error.message).toContain(error.mend);
      expect(envelope.error.details.error_code).toBe(code);
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });

  test("statuses and types as Anthropic's clients expect them", () => {
    const told = (code: ErrorCode) => {
      const { status, body } = encodeError(new GatewayError(code), "r");
      return [status, JSON.parse(String(body)).error.type];
    };
    expect(told("missing_key")).toEqual([401, "authentication_error"]);
    expect(told("model_not_allowed")).toEqual([403, "permission_error"]);
    expect(told("unknown_model")).toEqual([404, "not_found_error"]);
    expect(told("request_too_large")).toEqual([413, "request_too_large"]);
    expect(told("too_many_concurrent")).toEqual([429, "rate_limit_error"]);
    expect(told("upstream_quota")).toEqual([402, "billing_error"]);
    expect(told("upstream_overloaded")).toEqual([529, "overloaded_error"]);
    expect(told("upstream_timeout")).toEqual([504, "timeout_error"]);
    expect(told("upstream_server")).toEqual([502, "api_error"]);
    expect(told("cannot_translate")).toEqual([400, "invalid_request_error"]);
  });

  test("a provider's own answer goes out as it came; inside a stream it is an event", () => {
    const body = new Uint8Array([1]);
    const upstream = { status: 418, contentType: "text/x", body };
    expect(encodeError(new GatewayError("upstream_refused", { upstream }), "r")).toEqual(upstream);
    const event = encodeStreamError(new GatewayError("upstream_interrupted"), "r");
    expect(event).toStartWith('event: error\ndata: {"type":"error"');
    expect(event).toEndWith("\n\n");
  });
});
