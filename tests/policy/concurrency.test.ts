import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Caller, nonEmptyText } from "../../src/model/caller.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { ConcurrencyLimit, type HeldPlace } from "../../src/policy/limits/concurrency.ts";

function caller(keyId: string, maxConcurrent?: number): Caller {
  return {
    project: nonEmptyText("p"),
    keyId: nonEmptyText(keyId),
    keyName: keyId,
    policies: [{ scope: "key", id: keyId, policy: maxConcurrent === undefined ? {} : { maxConcurrent } }],
  };
}

function refusalOf(limit: ConcurrencyLimit, who: Caller): GatewayError | undefined {
  try {
    limit.admit(who);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
}

describe("places among the calls in flight", () => {
  test("a key's own limit is its own", () => {
    const limit = new ConcurrencyLimit(100);
    const [narrow, wide] = [caller("narrow", 2), caller("wide")];
    const held = [limit.admit(narrow), limit.admit(narrow)];
    const refused = refusalOf(limit, narrow);
    expect(refused).toMatchObject({ code: "too_many_concurrent", status: 429, retryAfterMs: 1000 });
    expect(refusalOf(limit, wide)).toBeUndefined();
    held[0]?.release();
    expect(refusalOf(limit, narrow)).toBeUndefined();
  });

  test("all keys together have one too, and a refusal takes no place", () => {
    const limit = new ConcurrencyLimit(2);
    const first = limit.admit(caller("a"));
    limit.admit(caller("b"));
    for (let i = 0; i < 10; i++) {
      expect(refusalOf(limit, caller("c"))).toMatchObject({
        code: "overloaded",
        status: 503,
        retryAfterMs: 1000,
      });
    }
    expect(limit.inFlight).toBe(2);
    first.release();
    expect(refusalOf(limit, caller("c"))).toBeUndefined();
  });

  test("a place is given back once, however often that is said", () => {
    const limit = new ConcurrencyLimit(10);
    const held = limit.admit(caller("a", 1));
    held.release();
    held.release();
    expect(limit.inFlight).toBe(0);
    limit.admit(caller("a", 1));
    held.release();
    expect(limit.inFlight).toBe(1);
    expect(refusalOf(limit, caller("a", 1))?.code).toBe("too_many_concurrent");
  });

  test("whatever comes and goes, the counts are those of a plain list", () => {
    const step = fc.record({ key: fc.nat(3), release: fc.boolean(), which: fc.nat(50) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 200 }), (max, steps) => {
        const limit = new ConcurrencyLimit(max);
        const ever: { admission: HeldPlace; key: number; live: boolean }[] = [];
        const live = (key?: number) =>
          ever.filter((one) => one.live && (key === undefined || one.key === key)).length;
        for (const { key, release, which } of steps) {
          const chosen = ever[which % Math.max(1, ever.length)];
          if (release && chosen !== undefined) {
            chosen.admission.release();
            chosen.live = false;
            continue;
          }
          const own = key + 1;
          const fits = live() < max && live(key) < own;
          try {
            ever.push({ admission: limit.admit(caller(`k${key}`, own)), key, live: true });
            expect(fits).toBe(true);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(GatewayError);
            expect(fits).toBe(false);
          }
        }
        expect(limit.inFlight).toBe(live());
        for (const { admission } of ever) admission.release();
        expect(limit.inFlight).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
