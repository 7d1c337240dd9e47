import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { RequestFacts } from "../../src/routing/request-facts.ts";
import { type Behaviour, failureOf, policyOfShop, Simulation, simulatedRoute } from "./simulation.ts";

const well: Behaviour = { totalMs: 10 };
const failing = (failure: GatewayError): Behaviour => ({ totalMs: 5, failure });

/** What one call tries, where targets behave so; those that are not named are well. */
function triedBy(
  route: ReturnType<typeof simulatedRoute>,
  behaviours: Readonly<Record<string, Behaviour>>,
  simulation = new Simulation(),
) {
  const [result] = simulation.run(route, { calls: 1, everyMs: 10 }, (name) => behaviours[name] ?? well);
  return {
    tried: result?.tried,
    served: result?.served,
    tookMs: (result?.endedAtMs ?? 0) - (result?.startedAtMs ?? 0),
  };
}

describe("after a failure", () => {
  const route = simulatedRoute([{ name: "a/m" }, { name: "b/m" }, { name: "c/m" }]);

  test.each([
    "server",
    "overloaded",
    "network",
    "timeout",
    "invalid_answer",
    "rate_limit",
    "auth",
    "quota",
  ] as const)("%s: the next target answers", (errorClass) => {
    expect(triedBy(route, { "a/m": failing(failureOf(errorClass)) })).toMatchObject({
      tried: ["a/m", "b/m"],
      served: "b/m",
    });
  });

  test.each(["caller", "content_filter"] as const)("%s: is an answer, told at once", (errorClass) => {
    expect(triedBy(route, { "a/m": failing(failureOf(errorClass)) })).toMatchObject({
      tried: ["a/m"],
      served: undefined,
    });
  });

  test("a content filter's refusal goes elsewhere where the route says so", () => {
    const lenient = simulatedRoute([{ name: "a/m" }, { name: "b/m" }], [{}], { refusals: true });
    expect(triedBy(lenient, { "a/m": failing(failureOf("content_filter")) }).served).toBe("b/m");
  });

  test("a prompt that is too long goes to a bigger model, and to none that is known to be no bigger", () => {
    const sized = simulatedRoute([
      { name: "small/m", known: { contextWindow: 8000 } },
      { name: "same/m", known: { contextWindow: 8000 } },
      { name: "big/m", known: { contextWindow: 200_000 } },
    ]);
    expect(triedBy(sized, { "small/m": failing(failureOf("context_too_long")) }).tried).toEqual([
      "small/m",
      "big/m",
    ]);
    const [small, same] = [simulatedRoute([{ name: "small/m", known: { contextWindow: 8000 } }]), sized];
    expect(triedBy(small, { "small/m": failing(failureOf("context_too_long")) }).tried).toEqual(["small/m"]);
    expect(same.targets).toHaveLength(3);
  });

  test("never a target twice, unless nothing of the request can have arrived: then once more", () => {
    const all = Object.fromEntries(["a/m", "b/m", "c/m"].map((name) => [name, failing(failureOf("server"))]));
    expect(triedBy(route, all).tried).toEqual(["a/m", "b/m", "c/m"]);
    const single = simulatedRoute([{ name: "a/m" }]);
    expect(triedBy(single, { "a/m": failing(failureOf("network")) }).tried).toEqual(["a/m"]);
    const unreachable = new GatewayError("upstream_unreachable", { errorClass: "network" });
    expect(triedBy(single, { "a/m": failing(unreachable) }).tried).toEqual(["a/m", "a/m"]);
  });

  test("Retry-After is honoured where it is short, and clamped where it is not", () => {
    const single = simulatedRoute([{ name: "a/m" }]);
    const soon = triedBy(single, { "a/m": failing(failureOf("rate_limit", 400)) });
    expect(soon.tried).toEqual(["a/m", "a/m"]);
    expect(soon.tookMs).toBeGreaterThanOrEqual(410);
    expect(triedBy(single, { "a/m": failing(failureOf("rate_limit", 5000)) }).tried).toEqual(["a/m"]);
  });

  test("no more attempts than the route allows", () => {
    const two = simulatedRoute([{ name: "a/m" }, { name: "b/m" }, { name: "c/m" }], [{}], { maxAttempts: 2 });
    const all = Object.fromEntries(["a/m", "b/m", "c/m"].map((name) => [name, failing(failureOf("server"))]));
    expect(triedBy(two, all).tried).toEqual(["a/m", "b/m"]);
  });
});

describe("several credentials", () => {
  const route = simulatedRoute([{ name: "a/m", keys: ["1", "2", "3"] }, { name: "b/m" }]);

  test("share the calls evenly", () => {
    const results = new Simulation().run(route, { calls: 3000, everyMs: 1 }, () => well);
    for (const key of ["1", "2", "3"]) {
      const share = results.filter(({ served }) => served === `a/m@${key}`).length / results.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.05);
    }
  });

  test("one that is refused is taken out, and not its provider", () => {
    const simulation = new Simulation();
    const behave = (name: string) => (name === "a/m@2" ? failing(failureOf("auth")) : well);
    const results = simulation.run(route, { calls: 300, everyMs: 10 }, behave);
    expect(results.filter(({ tried }) => tried.includes("a/m@2"))).toHaveLength(1);
    expect(results.every(({ served }) => served?.startsWith("a/m@"))).toBe(true);
    const later = new Simulation();
    later.run(route, { calls: 100, everyMs: 10 }, behave);
    later.advance(40_000);
    const back = later.run(route, { calls: 100, everyMs: 10 }, () => well);
    expect(back.some(({ served }) => served === "a/m@2")).toBe(true);
  });

  test("a rate limit makes way for the next of them, and then for another provider", () => {
    const limited = failing(failureOf("rate_limit", 20_000));
    const all = { "a/m@1": limited, "a/m@2": limited, "a/m@3": limited };
    const { tried, served } = triedBy(route, all);
    expect(tried?.slice(0, 3).toSorted()).toEqual(["a/m@1", "a/m@2", "a/m@3"]);
    expect(served).toBe("b/m");
  });
});

describe("what is not tried, and why", () => {
  const policyOf = (policy: Policy): Partial<RequestFacts> => ({ policies: [policyOfShop(policy)] });
  const budget = { name: "b", amount: 1n, window: { kind: "total" }, alertPercents: [] } as unknown;

  test.each<[string, Parameters<typeof simulatedRoute>[0], Partial<RequestFacts>, string, string]>([
    [
      "a region that the policy does not allow",
      [
        { name: "a/m", region: "us" },
        { name: "b/m", region: "eu" },
      ],
      policyOf({ regions: ["eu"] }),
      "b/m",
      "it stands in us, and the policy allows eu",
    ],
    [
      "a region that is not known",
      [{ name: "a/m" }, { name: "b/m", region: "eu" }],
      policyOf({ regions: ["eu"] }),
      "b/m",
      "its region is not known, and the policy allows eu",
    ],
    [
      "a provider that the policy does not allow",
      [{ name: "a/m" }, { name: "b/m" }],
      policyOf({ providers: ["b*"] }),
      "b/m",
      "its provider is none of those that the policy allows (b*)",
    ],
    [
      "no price under a budget",
      [{ name: "a/m" }, { name: "b/m" }],
      { ...policyOf({ budgets: [budget as never] }), isPriced: ({ name }) => name === "b/m" },
      "b/m",
      "it has no price, and a budget can't be kept without one",
    ],
    [
      "a capability that is lacking",
      [{ name: "a/m", lacks: ["tools"] }, { name: "b/m" }],
      { needs: new Set(["tools"]) },
      "b/m",
      "it can't do what the request needs: tools",
    ],
    [
      "a context that is too small",
      [
        { name: "a/m", known: { contextWindow: 1000 } },
        { name: "b/m", known: { contextWindow: 100_000 } },
      ],
      { inputTokens: 5000 },
      "b/m",
      "it takes 1000 tokens, and the prompt has about 5000",
    ],
  ])("%s", (_, targets, facts, served, because) => {
    const simulation = new Simulation();
    const plan = simulation.plan(simulation.request(simulatedRoute(targets), facts));
    expect(plan.first()?.target.name).toBe(served);
    expect(plan.record().passedOver).toEqual([{ target: "a/m", because }]);
  });

  test("what admission has left out is never tried, whatever else is known of it", () => {
    const simulation = new Simulation();
    const route = simulatedRoute([{ name: "a/m", lacks: ["tools"] }, { name: "b/m" }]);
    const request = { ...simulation.request(route, { needs: new Set(["tools"]) }), permitted: [] };
    const plan = simulation.plan(request);
    expect(plan.first()).toBeUndefined();
    expect(plan.record().passedOver.map(({ because }) => because)).toEqual(
      Array(2).fill("the policy does not allow it"),
    );
  });

  test("what is forbidden is not tried though nothing else is left; what is unfit then is", () => {
    const simulation = new Simulation();
    const forbidden = simulatedRoute([{ name: "a/m", region: "us" }]);
    expect(
      simulation.plan(simulation.request(forbidden, policyOf({ regions: ["eu"] }))).first(),
    ).toBeUndefined();
    const small = simulatedRoute([{ name: "a/m", known: { contextWindow: 1000 } }]);
    expect(simulation.plan(simulation.request(small, { inputTokens: 5000 })).first()).toMatchObject({
      reason: "last-resort",
    });
  });
});

describe("tiers", () => {
  test("the next is asked when the first can't answer, and where the first's condition does not hold", () => {
    const route = simulatedRoute(
      [{ name: "a/m" }, { name: "b/m" }, { name: "c/m", tier: 1 }],
      [{ strategy: "weighted", when: { project: ["shop"] } }, {}],
    );
    const down = failing(failureOf("server"));
    const { tried, served } = triedBy(route, { "a/m": down, "b/m": down });
    expect(tried).toHaveLength(3);
    expect(served).toBe("c/m");
    const simulation = new Simulation();
    const plan = simulation.plan(simulation.request(route, { project: "other" }));
    expect(plan.first()?.target.name).toBe("c/m");
    expect(plan.record().passedOver[0]).toEqual({
      target: "a/m",
      because: "the condition of its tier does not hold",
    });
  });
});

describe("the retry budget", () => {
  test("all targets failing at 500 calls/s: 1.2 calls upstream for one, and a floor", () => {
    const route = simulatedRoute(
      ["a/m", "b/m", "c/m"].map((name) => ({ name })),
      [{ strategy: "round-robin" }],
    );
    let upstream = 0;
    const behave = () => {
      upstream++;
      return failing(failureOf("server"));
    };
    const results = new Simulation().run(route, { calls: 10_000, everyMs: 2 }, behave);
    expect(results.every(({ served }) => served === undefined)).toBe(true);
    // The floor is for ten seconds; these are twenty, and the ends of two more.
    expect(upstream).toBeLessThanOrEqual(10_000 * 1.2 + 50 * 3);
  });
});
