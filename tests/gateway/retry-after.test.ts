import { describe, expect, test } from "bun:test";
import { retryAfterMs } from "../../src/gateway/retry-after.ts";
import type { ErrorClass } from "../../src/model/error-class.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");

function wait(headers: Record<string, string>, errorClass: ErrorClass = "rate_limit"): number | undefined {
  return retryAfterMs(new Headers(headers), errorClass, NOW);
}

describe("what the provider says outright", () => {
  const cases: readonly [Record<string, string>, number | undefined][] = [
    [{ "retry-after": "2" }, 2_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": "Tue, 24 Nov 2026 12:00:07 GMT" }, 7_000],
    [{ "retry-after": "Tue, 24 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "-5" }, 0],
    [{ "retry-after": "86400" }, 3_600_000],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after-ms": "150", "retry-after": "1" }, 150],
    [{ "retry-after-ms": "x", "retry-after": "1" }, 1_000],
    [{}, undefined],
  ];
  for (const [headers, expected] of cases) {
    test(`${JSON.stringify(headers)} is ${expected} ms, whatever the error`, () => {
      expect(wait(headers)).toBe(expected);
      expect(wait(headers, "overloaded")).toBe(expected);
    });
  }
});

describe("when a limit begins anew", () => {
  const openai = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-remaining-tokens": "0",
    "x-ratelimit-reset-tokens": "6m0s",
  };

  test("it is the one that is used up that must be waited for", () => {
    expect(wait(openai)).toBe(360_000);
    expect(wait({ ...openai, "x-ratelimit-remaining-tokens": "5" })).toBeUndefined();
    expect(wait({ ...openai, "x-ratelimit-remaining-requests": "0" })).toBe(360_000);
    expect(wait({ ...openai, "retry-after": "3" })).toBe(3_000);
  });

  test("every vendor's way of writing it", () => {
    const reset = (value: string) =>
      wait({ "x-ratelimit-reset-tokens": value, "x-ratelimit-remaining-tokens": "0" });
    expect(reset("2m59.56s")).toBeCloseTo(179_560, 3);
    expect(reset("120ms")).toBe(120);
    expect(reset("11.382")).toBe(11_382);
    expect(reset("1d2h")).toBe(3_600_000);
    expect(reset(String(NOW + 4_000))).toBe(4_000);
    expect(reset(String(NOW / 1000 + 4))).toBe(4_000);
    expect(reset("1m nonsense")).toBeUndefined();
    expect(reset("")).toBeUndefined();
  });

  test("Anthropic's names, Cerebras' minute and day, the IETF's", () => {
    expect(
      wait({
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-24T12:00:30Z",
        "anthropic-ratelimit-requests-remaining": "40",
        "anthropic-ratelimit-requests-reset": "2026-11-24T12:30:00Z",
      }),
    ).toBe(30_000);
    expect(
      wait({
        "x-ratelimit-remaining-tokens-minute": "0",
        "x-ratelimit-reset-tokens-minute": "11.5",
        "x-ratelimit-remaining-requests-day": "14000",
        "x-ratelimit-reset-requests-day": "33011",
      }),
    ).toBe(11_500);
    expect(wait({ "ratelimit-remaining": "0", "ratelimit-reset": "12" })).toBe(12_000);
    expect(wait({ "x-ratelimit-reset": "9", "x-ratelimit-remaining": "0" })).toBe(9_000);
  });

  test("where nothing tells what remains, the shortest; for other errors nothing", () => {
    expect(wait({ "x-ratelimit-reset-requests": "9", "x-ratelimit-reset-tokens": "4" })).toBe(4_000);
    expect(wait(openai, "overloaded")).toBeUndefined();
    expect(wait(openai, "caller")).toBeUndefined();
  });
});
