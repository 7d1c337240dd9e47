import { describe, expect, test } from "bun:test";
import { nanoDollars } from "../../src/model/money.ts";
import type { Target } from "../../src/model/snapshot.ts";
import { countOf, failureOf, type Load, SETTINGS, Simulation, simulatedRoute } from "./simulation.ts";

const SERVER_ERROR = failureOf("server");
const NEVER_OUT = { ...SETTINGS.health, consecutiveFailures: 1_000_000, minCalls: 1_000_000 };
const CALLS = 100_000;
const steady: Load = { calls: CALLS, everyMs: 2 };
const quick = () => ({ totalMs: 20 });

function shareOf(counts: Map<string, number>, name: string): number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return (counts.get(name) ?? 0) / total;
}

describe("strategies over 100,000 calls", () => {
  test("priority: the first, as long as it is well", () => {
    const route = simulatedRoute([{ name: "a/m" }, { name: "b/m" }]);
    const results = new Simulation().run(route, steady, quick);
    expect(countOf(results.map(({ served }) => served))).toEqual(new Map([["a/m", CALLS]]));
  });

  test("weighted: shares within 1 %, and after a failure by weight among those that are left", () => {
    const targets = [
      { name: "a/m", weight: 1 },
      { name: "b/m", weight: 2 },
      { name: "c/m", weight: 7 },
    ];
    const results = new Simulation().run(simulatedRoute(targets, [{ strategy: "weighted" }]), steady, quick);
    const counts = countOf(results.map(({ served }) => served));
    for (const { name, weight } of targets)
      expect(Math.abs(shareOf(counts, name) - weight / 10)).toBeLessThan(0.01);

    const failing = new Simulation(2, { retryBudget: { percent: 100, floor: 1000 }, health: NEVER_OUT });
    const behave = (name: string) =>
      name === "c/m" ? { totalMs: 5, failure: SERVER_ERROR } : { totalMs: 20 };
    const second = failing.run(simulatedRoute(targets, [{ strategy: "weighted" }]), steady, behave);
    const next = countOf(second.filter(({ tried }) => tried[0] === "c/m").map(({ tried }) => tried[1]));
    expect(Math.abs(shareOf(next, "a/m") - 1 / 3)).toBeLessThan(0.01);
  });

  test("round-robin: each in its turn", () => {
    const names = ["a/m", "b/m", "c/m"];
    const route = simulatedRoute(
      names.map((name) => ({ name })),
      [{ strategy: "round-robin" }],
    );
    const results = new Simulation().run(route, steady, quick);
    const inOrder = results.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
    expect(inOrder.every(({ served }, call) => served === names[call % 3])).toBe(true);
  });

  test("least-in-flight: the slow one gets as many calls as it can bear", () => {
    const route = simulatedRoute([{ name: "slow/m" }, { name: "fast/m" }], [{ strategy: "least-in-flight" }]);
    const results = new Simulation().run(route, steady, (name) => ({ totalMs: name === "slow/m" ? 90 : 10 }));
    const counts = countOf(results.map(({ served }) => served));
    expect(Math.abs(shareOf(counts, "fast/m") - 0.9)).toBeLessThan(0.03);
  });

  test("lowest-latency: finds the faster within 200 calls, and notices when it turns slow", () => {
    const route = simulatedRoute(
      ["a/m", "b/m", "c/m"].map((name) => ({ name })),
      [{ strategy: "lowest-latency" }],
    );
    const simulation = new Simulation(4);
    const noise = () => 0.8 + 0.4 * simulation.random();
    const firstMs: Record<string, number> = { "a/m": 400, "b/m": 150, "c/m": 600 };
    const behave = (name: string) => {
      const firstTokenMs = (firstMs[name] ?? 0) * noise();
      return { firstTokenMs, totalMs: firstTokenMs + 500 * noise(), usage: { outputTokens: 50 } };
    };
    const load = { calls: 200, everyMs: 50 };
    simulation.run(route, load, behave);
    const learnt = countOf(
      simulation.run(route, { ...load, calls: CALLS }, behave).map(({ served }) => served),
    );
    expect(shareOf(learnt, "b/m")).toBeGreaterThan(0.95);

    firstMs["b/m"] = 2000;
    const turned = simulation.run(route, load, behave);
    expect(shareOf(countOf(turned.slice(-50).map(({ served }) => served)), "a/m")).toBeGreaterThan(0.85);

    firstMs["b/m"] = 150;
    simulation.run(route, { ...load, calls: 1000 }, behave);
    const healed = simulation.run(route, load, behave);
    expect(shareOf(countOf(healed.map(({ served }) => served)), "b/m")).toBeGreaterThan(0.9);
  });

  test("cheapest: by price, and by the cache hits as measured", () => {
    const route = simulatedRoute([{ name: "dear/m" }, { name: "cheap/m" }], [{ strategy: "cheapest" }]);
    // The dear one's cache reads are cheap enough to win once hits have been seen there.
    const cost = ({ name }: Target, cachedShare: number) =>
      nanoDollars(Math.round(name === "dear/m" ? 2000 - 1900 * cachedShare : 1000));
    const simulation = new Simulation();
    const load = { calls: 1000, everyMs: 20, facts: () => ({ cost }) };
    const before = simulation.run(route, load, quick);
    expect(countOf(before.map(({ served }) => served)).get("cheap/m")).toBe(1000);
    for (const member of route.targets) {
      if (member.target.name !== "dear/m") continue;
      simulation.state.targets.of(member.target).learnt.cachedShare.add(0.9, simulation.nowMs);
    }
    const after = simulation.run(route, load, quick);
    expect(countOf(after.map(({ served }) => served)).get("dear/m")).toBe(1000);
  });

  test("sticky: one place for each, in shares by weight", () => {
    const route = simulatedRoute(
      [
        { name: "a/m", weight: 3 },
        { name: "b/m", weight: 1 },
      ],
      [{ strategy: "sticky", together: { by: "end-user" } }],
    );
    const users = 2000;
    const load = { ...steady, facts: (call: number) => ({ endUser: `user ${call % users}` }) };
    const results = new Simulation().run(route, load, quick);
    const inOrder = results.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
    const places = new Map<number, Set<string | undefined>>();
    for (const [call, { served }] of inOrder.entries())
      places.set(call % users, (places.get(call % users) ?? new Set()).add(served));
    expect([...places.values()].every(({ size }) => size === 1)).toBe(true);
    expect(Math.abs(shareOf(countOf(results.map(({ served }) => served)), "a/m") - 0.75)).toBeLessThan(0.03);
  });

  test("cache-affinity: each conversation stays, and at least 95 % do when one of four targets leaves", () => {
    const names = ["a/m", "b/m", "c/m", "d/m"];
    const targets = names.map((name) => ({ name }));
    const tiers = [{ strategy: "cache-affinity" as const }];
    const conversations = 5000;
    const facts = (call: number) => ({ conversation: `talk ${call % conversations}` });
    const simulation = new Simulation();
    const load = { calls: CALLS / 2, everyMs: 2, facts };
    const before = placesOf(simulation.run(simulatedRoute(targets, tiers), load, quick), conversations);
    expect(before.every(({ size }) => size === 1)).toBe(true);

    const rest = simulatedRoute(targets.slice(0, 3), tiers);
    const after = placesOf(simulation.run(rest, load, quick), conversations);
    const those = before
      .map((places, talk) => [places, after[talk]] as const)
      .filter(([[was]]) => was !== "d/m");
    const stayed = those.filter(([[was], is]) => is?.size === 1 && is.has(was));
    expect(those.length).toBeGreaterThan(conversations * 0.7);
    expect(stayed.length / those.length).toBeGreaterThanOrEqual(0.95);
  });
});

function placesOf(
  results: readonly { readonly startedAtMs: number; readonly served: string | undefined }[],
  conversations: number,
): Set<string | undefined>[] {
  const places = Array.from({ length: conversations }, () => new Set<string | undefined>());
  const inOrder = results.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
  for (const [call, { served }] of inOrder.entries()) places[call % conversations]?.add(served);
  return places;
}
