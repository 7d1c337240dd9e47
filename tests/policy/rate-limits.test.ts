import { describe, expect, test } from "bun:test";
import type { Caller } from "../../src/model/caller.ts";
import { nonEmptyText } from "../../src/model/caller.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { RateLimits } from "../../src/policy/limits/rate-limits.ts";

const NOTHING = { inputTokens: 0, outputTokens: 0 };

function token(id: number, endsAtMs: number): Caller {
  const policy = { rateLimits: [{ unit: "requests", limit: 1, per: "day" }] } as const;
  return {
    project: nonEmptyText("p"),
    keyId: nonEmptyText("k"),
    keyName: "k",
    policies: [{ scope: "token", id: String(id), policy, endsAtMs }],
  };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return thrown instanceof GatewayError ? thrown.code : "other";
  }
}

describe("the windows of many tokens", () => {
  test("are bounded: what is beyond is refused, and no limit is forgotten while it counts", () => {
    const rates = new RateLimits(10);
    for (let id = 0; id < 10; id++) rates.take(token(id, 5_000), NOTHING, 0);
    expect(codeOf(() => rates.take(token(10, 5_000), NOTHING, 0))).toBe("overloaded");
    for (let id = 0; id < 10; id++)
      expect(codeOf(() => rates.take(token(id, 5_000), NOTHING, 100))).toBe("rate_limited");
  });

  test("make room when their tokens have ended", () => {
    const rates = new RateLimits(10);
    for (let id = 0; id < 10; id++) rates.take(token(id, 5_000), NOTHING, 0);
    expect(codeOf(() => rates.take(token(10, 9_000), NOTHING, 6_000))).toBeUndefined();
    expect(codeOf(() => rates.take(token(10, 9_000), NOTHING, 6_000))).toBe("rate_limited");
  });

  test("are not kept for being looked at", () => {
    const rates = new RateLimits(1);
    for (let id = 0; id < 5; id++)
      expect(rates.states(token(id, 5_000), 0)).toEqual([
        { unit: "requests", limit: 1, remaining: 1, resetMs: 0 },
      ]);
    expect(codeOf(() => rates.take(token(7, 5_000), NOTHING, 0))).toBeUndefined();
  });
});
