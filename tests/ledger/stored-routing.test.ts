import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readRouting, routingOfRow, storedRouting } from "../../src/ledger/stored-routing.ts";
import type { RoutedCall, RoutingRecord, TriedTarget } from "../../src/model/routing-record.ts";

/** What a request's row keeps of its routing. */

const ms = fc.integer({ min: 0, max: 9_999_999 }).map((thousandths) => thousandths / 1000);
const tried: fc.Arbitrary<TriedTarget> = fc.record(
  {
    target: fc.string({ minLength: 1 }),
    tier: fc.nat(3),
    reason: fc.constantFrom("first", "first", "fallback"),
    score: ms,
    credential: fc.string(),
    turn: fc.nat(9),
  },
  { requiredKeys: ["target", "tier", "reason"] },
);
const call: fc.Arbitrary<RoutedCall> = fc.record(
  {
    ordinal: fc.integer({ min: 1, max: 2 }),
    afterMs: ms,
    totalMs: ms,
    firstTokenMs: ms,
    retryAfterMs: fc.nat(),
  },
  { requiredKeys: ["ordinal", "afterMs", "totalMs"] },
);
const routing: fc.Arbitrary<RoutingRecord> = fc.record(
  {
    tried: fc.array(tried, { maxLength: 2 }),
    passedOver: fc.oneof(
      fc.constant([]),
      fc.array(fc.record({ target: fc.string(), because: fc.string() }), { maxLength: 2 }),
    ),
    atMs: ms,
    calls: fc.array(call, { maxLength: 2 }),
    stopped: fc.constantFrom("attempts", "retry-budget"),
    facts: fc.record({ inputTokens: fc.nat() }),
  },
  { requiredKeys: ["tried", "passedOver"] },
);
const USUAL: RoutingRecord = {
  tried: [{ target: "openai/gpt", tier: 0, reason: "first", score: 6.38624 }],
  passedOver: [],
  atMs: 1_795_617_078_863.866,
  calls: [{ ordinal: 1, afterMs: 0.004, totalMs: 1.154, firstTokenMs: 1.15 }],
};

describe("a routing that is kept", () => {
  test("is read as it was", () => {
    fc.assert(
      fc.property(routing, (record) => {
        expect(readRouting(JSON.parse(JSON.stringify(storedRouting(record))))).toEqual(record);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is a short list where one target was chosen first and called", () => {
    const text = JSON.stringify(storedRouting(USUAL));
    expect(text).toBe('["openai/gpt",0,6.38624,1795617078863.866,0.004,1.154,1.15]');
    expect(routingOfRow({ routing: text })).toEqual(USUAL);
  });

  test("of a version that knew no list is read too, and none is none", () => {
    expect(routingOfRow({ routing: JSON.stringify(USUAL) })).toEqual(USUAL);
    expect(routingOfRow({ routing: null })).toBeUndefined();
  });
});
