import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { StrategyId } from "../../src/model/route-settings.ts";
import type { AccessRequest } from "../../src/routing/access.ts";
import { type ChoiceRequest, compareRanked, rankTier, sortTargets } from "../../src/routing/arrange.ts";
import { bestOfTier } from "../../src/routing/best-of-tier.ts";
import { strategies } from "../../src/routing/strategies/index.ts";
import { failureOf, Simulation, simulatedRoute } from "./simulation.ts";

function accessOf({ states, seed }: ChoiceRequest, nowMs: number): AccessRequest {
  return { states, nowMs, prompt: { roughInputTokens: 100 }, tried: [], seed };
}

/** How a target has done so far. */
interface History {
  readonly weight: number;
  /** So long its calls took that went well, in milliseconds. */
  readonly answersMs: readonly number[];
  readonly inFlight: number;
  readonly isRefused: boolean;
}

interface Past {
  readonly histories: readonly History[];
  readonly strategy: StrategyId;
  readonly turn: number;
  readonly seed: string;
  readonly conversation: string | undefined;
}

const history: fc.Arbitrary<History> = fc.record({
  weight: fc.integer({ min: 1, max: 3 }),
  answersMs: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
  inFlight: fc.nat({ max: 2 }),
  isRefused: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

const past: fc.Arbitrary<Past> = fc.record({
  histories: fc.array(history, { minLength: 1, maxLength: 8 }),
  strategy: fc.constantFrom(...(Object.keys(strategies) as StrategyId[])),
  turn: fc.nat({ max: 20 }),
  seed: fc.string(),
  conversation: fc.option(fc.string(), { nil: undefined }),
});

/** A request to a route whose targets have done so. */
function requestAfter({ histories, strategy, turn, seed, conversation }: Past) {
  const simulation = new Simulation();
  const targets = histories.map(({ weight }, place) => ({ name: `p${place}/m`, weight }));
  const route = simulatedRoute(targets, [{ strategy }]);
  const request = simulation.request(route, { conversation }, seed);
  request.routeState.memoryOf(0).turn = turn;
  for (const [place, { answersMs, inFlight, isRefused }] of histories.entries()) {
    const member = route.targets[place];
    if (member === undefined) continue;
    const state = request.states.of(member.target);
    for (const totalMs of answersMs) state.begin(0).end({ totalMs, stream: false }, simulation.nowMs);
    for (let call = 0; call < inFlight; call++) state.begin(0);
    if (isRefused) {
      const failure = failureOf("rate_limit", 60_000);
      state.begin(0).end({ failure, totalMs: 1, stream: false }, simulation.nowMs);
    }
  }
  return { request, access: accessOf(request, simulation.nowMs) };
}

describe("the best of a tier", () => {
  test("is the one that ranks first when all are ranked, and the others are the rest of them", () => {
    fc.assert(
      fc.property(past, (before) => {
        const { request, access } = requestAfter(before);
        const members = sortTargets(request).fit[0] ?? [];
        const { well, resting } = rankTier(request, 0, members, access);
        const [first, ...rest] = well.toSorted(compareRanked);
        const found = bestOfTier(request, 0, members, access);
        expect(found === undefined).toBe(resting.length > 0);
        if (found === undefined) return;
        // What chance would decide between equals is not drawn for the best.
        expect(first).toEqual({ ...found.best, draw: first?.draw ?? 0 });
        expect(found.others().toSorted(compareRanked)).toEqual(rest);
      }),
      { numRuns: 2000 },
    );
  });

  test("is not looked for where a target has several credentials, or one was tried", () => {
    const simulation = new Simulation();
    const pooled = simulation.request(simulatedRoute([{ name: "a/m", keys: ["1", "2"] }, { name: "b/m" }]));
    const members = sortTargets(pooled).fit[0] ?? [];
    expect(bestOfTier(pooled, 0, members, accessOf(pooled, simulation.nowMs))).toBeUndefined();

    const plain = simulation.request(simulatedRoute([{ name: "a/m" }, { name: "b/m" }]));
    const [first, second] = sortTargets(plain).fit[0] ?? [];
    const access = accessOf(plain, simulation.nowMs);
    const both = sortTargets(plain).fit[0] ?? [];
    expect(bestOfTier(plain, 0, both, access)?.best.target).toBe(first?.target);
    const tried = [second].filter((member) => member !== undefined);
    expect(bestOfTier(plain, 0, both, { ...access, tried })).toBeUndefined();
  });
});
