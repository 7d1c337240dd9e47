import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { WeightedTarget } from "../../src/model/snapshot.ts";
import { bestAccess } from "../../src/routing/access.ts";
import { targetOf } from "../../src/routing/target.ts";
import { REST_KINDS, type Ticket } from "../../src/routing/target-state.ts";
import { LocalTargetStates } from "../../src/routing/target-states.ts";
import { failureOf, SETTINGS, Simulation, simulatedRoute } from "./simulation.ts";

/* What is known of a target, as a state machine: whatever calls come, overlap and end, and however they end. */

const ENDS = [
  "ok",
  "server",
  "network",
  "timeout",
  "overloaded",
  "invalid_answer",
  "rate_limit",
  "auth",
  "quota",
  "caller",
  "gone",
] as const;

type End = (typeof ENDS)[number];

/** A call begins, one of those under way ends, or nothing comes for a while. */
type Step =
  | { readonly do: "begin"; readonly target: number }
  | {
      readonly do: "end";
      readonly which: number;
      readonly how: End;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly do: "wait"; readonly ms: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("begin" as const), target: fc.nat(3) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("end" as const),
        which: fc.nat(50),
        how: fc.constantFrom(...ENDS),
        retryAfterMs: fc.option(fc.integer({ min: -5, max: 5_000_000 }), { nil: undefined }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
    },
  ),
  { maxLength: 120 },
);

function failure(how: End, retryAfterMs: number | undefined): GatewayError | undefined {
  if (how === "ok") return undefined;
  return how === "gone" ? new GatewayError("client_closed") : failureOf(how, retryAfterMs);
}

/** Two providers' models, two of each, at most three calls at once with the first provider's key. */
const MOST = 3;
const route = simulatedRoute(["a/m", "a/n", "b/m", "b/n"].map((name) => ({ name })));
const bounded: readonly WeightedTarget[] = route.targets.map((member) => {
  const { upstream, model } = member.target;
  return upstream.provider === "a"
    ? { ...member, target: targetOf({ ...upstream, maxInFlight: MOST }, model) }
    : member;
});

interface OpenCall {
  readonly ticket: Ticket;
  readonly member: WeightedTarget;
}

/** Calls to those targets as they come and end. */
class Calls {
  readonly states = new LocalTargetStates(() => SETTINGS.health);
  readonly open: OpenCall[] = [];
  nowMs = 1_700_000_000_000;

  /** Gives how a call ended, where the step is the end of one. */
  take(step: Step): (Step & { readonly do: "end" }) | undefined {
    if (step.do === "wait") this.nowMs += step.ms;
    if (step.do === "begin") this.#begin(bounded[step.target]);
    if (step.do !== "end" || this.open.length === 0) return undefined;
    const [ended] = this.open.splice(step.which % this.open.length, 1);
    const end = { failure: failure(step.how, step.retryAfterMs), totalMs: 20, stream: false };
    ended?.ticket.end(end, this.nowMs);
    // A second end changes nothing.
    ended?.ticket.end(end, this.nowMs);
    return step;
  }

  #begin(member: WeightedTarget | undefined): void {
    const ticket = member && this.states.of(member.target).enter(10);
    if (member !== undefined && ticket !== undefined) this.open.push({ ticket, member });
  }
}

describe("targets' states, whatever happens", () => {
  test("calls in flight are counted exactly, and never more than a key may carry", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const calls = new Calls();
        const { states, open } = calls;
        for (const step of taken) {
          calls.take(step);
          for (const { target } of bounded) {
            const state = states.of(target);
            const own = open.filter(({ member }) => member.target === target).length;
            const ofKey = open.filter(
              ({ member }) => member.target.upstream.provider === target.upstream.provider,
            );
            expect([state.inFlight, state.learnt.inFlight]).toEqual([own, own]);
            expect(state.credential.inFlight).toBe(ofKey.length);
            if (target.upstream.maxInFlight !== undefined) expect(ofKey.length).toBeLessThanOrEqual(MOST);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a target rests only after something that says so, and for no longer than a quarter of an hour or as it was told", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const calls = new Calls();
        const { states, open } = calls;
        let wasFailure = false;
        let longestMs = 900_000;
        for (const step of taken) {
          const ended = calls.take(step);
          if (ended !== undefined && !["ok", "caller", "gone"].includes(ended.how)) wasFailure = true;
          longestMs = Math.max(longestMs, ended?.retryAfterMs ?? 0);
          const { nowMs } = calls;
          for (const { target } of bounded) {
            const rest = states.of(target).rest(nowMs, { roughInputTokens: 10 });
            if (rest === undefined || rest.kind === "full") continue;
            expect(wasFailure).toBe(true);
            expect(REST_KINDS).toContain(rest.kind);
            // One whose time is over rests on while the one call that is to find out is under way.
            const isProbed = rest.kind === "open" && states.of(target).inFlight > 0;
            if (!isProbed) expect(rest.untilMs ?? nowMs).toBeGreaterThan(nowMs);
            expect((rest.untilMs ?? nowMs) - nowMs).toBeLessThanOrEqual(longestMs);
          }
        }
        // Nothing is out for ever: once all have ended and the longest rest is over, every target may be called.
        for (const { ticket } of open)
          ticket.end({ totalMs: 20, stream: false, failure: failure("gone", undefined) }, calls.nowMs);
        for (const { target } of bounded)
          expect(
            states.of(target).rest(calls.nowMs + longestMs + 1, { roughInputTokens: 10 }),
          ).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test("a route is never without a target, and what is well is tried before what rests", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const simulation = new Simulation(7);
        const { targets: states } = simulation.state;
        const own = { ...route, targets: bounded };
        const open: Ticket[] = [];
        for (const step of taken) {
          if (step.do === "wait") simulation.nowMs += step.ms;
          if (step.do === "end") {
            const [ticket] = open.splice(step.which % Math.max(1, open.length), 1);
            const end = { failure: failure(step.how, step.retryAfterMs), totalMs: 20, stream: false };
            ticket?.end(end, simulation.nowMs);
          }
          if (step.do !== "begin") continue;
          const request = simulation.request(own);
          const access = {
            states,
            nowMs: simulation.nowMs,
            prompt: { roughInputTokens: 10 },
            tried: [],
            seed: "",
          };
          const isAnyWell = bounded.some((member) => bestAccess(member, access)?.rest === undefined);
          const choice = simulation.plan(request).first();
          expect(choice).toBeDefined();
          expect(choice?.reason).toBe(isAnyWell ? "first" : "last-resort");
          const ticket = choice?.state.enter(10);
          if (ticket !== undefined) open.push(ticket);
        }
      }),
      { numRuns: 200 },
    );
  });
});
