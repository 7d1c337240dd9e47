import { afterEach, expect, test } from "bun:test";
import { hedged } from "../../src/gateway/hedge.ts";
import type { LiveCall } from "../../src/gateway/live-call.ts";
import type { PlannedRoute } from "../../src/gateway/planned-route.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { Choice } from "../../src/routing/plan.ts";
import { seeded } from "./seeded.ts";
import { Simulation, simulatedRoute } from "./simulation.ts";

/*
 * The gateway's own hedging on a slow tail, by a clock that is turned by hand: its timers are the simulation's. That the
 * loser is cancelled over the network, and how soon, gateway.test.ts has.
 */

const CALLS = 20_000;
const EVERY_MS = 20;
const SLOW_SHARE = 0.05;

const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;

afterEach(() => {
  globalThis.setTimeout = realSetTimeout;
  globalThis.clearTimeout = realClearTimeout;
});

/** Timers that go off when the clock is turned past them. */
class TurnedClock {
  nowMs: number;
  readonly #due = new Map<number, { readonly atMs: number; readonly work: () => void }>();
  #next = 1;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
    globalThis.setTimeout = ((work: () => void, ms = 0) => {
      this.#due.set(this.#next, { atMs: this.nowMs + ms, work });
      return this.#next++;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((timer: number) => this.#due.delete(timer)) as typeof clearTimeout;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Turns it on, timer by timer, and lets everything happen that follows from each. */
  async turnTo(untilMs: number): Promise<void> {
    for (let next = this.#first(untilMs); next !== undefined; next = this.#first(untilMs)) {
      const [timer, { atMs, work }] = next;
      this.#due.delete(timer);
      this.nowMs = Math.max(this.nowMs, atMs);
      work();
      for (let turn = 0; turn < 12; turn++) await null;
    }
    this.nowMs = untilMs;
  }

  #first(untilMs: number) {
    let first: [number, { readonly atMs: number; readonly work: () => void }] | undefined;
    for (const entry of this.#due)
      if (entry[1].atMs <= untilMs && (first === undefined || entry[1].atMs < first[1].atMs)) first = entry;
    return first;
  }
}

interface Measured {
  readonly firstTokenMs: readonly number[];
  readonly upstreamCalls: number;
}

/** Calls two targets of which each is slow now and then; `percent` 0 for no hedges. */
async function measure(percent: number): Promise<Measured> {
  const random = seeded(21);
  const simulation = new Simulation(21);
  const clock = new TurnedClock(simulation.nowMs);
  const base = simulatedRoute([{ name: "a/m" }, { name: "b/m" }]);
  const route = percent === 0 ? base : { ...base, settings: { ...base.settings, hedge: { percent } } };
  const firstTokenMs: number[] = [];
  let upstreamCalls = 0;
  const tail = () => (random() < SLOW_SHARE ? 20 : 1) * (150 + 100 * random());
  const one = async (): Promise<void> => {
    const begunMs = clock.nowMs;
    const state = simulation.state.routes.of(route);
    const plan = simulation.plan(simulation.request(route));
    const call = {
      request: { stream: true },
      parts: { routing: { clock: () => clock.nowMs } },
      canPayAnother: () => true,
    } as unknown as LiveCall;
    const planned: PlannedRoute = { alias: route.alias, settings: route.settings, state, plan };
    let isClaimed = false;
    const attempt = async ({ state: target }: Choice): Promise<string> => {
      upstreamCalls++;
      const ticket = target.enter(10);
      await clock.wait(tail());
      const failure = isClaimed ? new GatewayError("superseded") : undefined;
      isClaimed = true;
      ticket?.end({ failure, totalMs: clock.nowMs - begunMs, stream: true }, clock.nowMs);
      if (failure !== undefined) throw failure;
      firstTokenMs.push(clock.nowMs - begunMs);
      return "answer";
    };
    const first = plan.first();
    if (first === undefined) throw new Error("no target");
    const outcome = await hedged(call, planned, first, attempt);
    expect("answer" in outcome).toBe(true);
  };
  const all: Promise<void>[] = [];
  for (let call = 0; call < CALLS; call++) {
    simulation.nowMs = clock.nowMs;
    all.push(one());
    await clock.turnTo(clock.nowMs + EVERY_MS);
  }
  await clock.turnTo(clock.nowMs + 60_000);
  await Promise.all(all);
  return { firstTokenMs, upstreamCalls };
}

function p99(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0;
}

test("on a slow tail of 5 %, the time to the first token at p99 falls at least 5 times, for at most 6 % more calls", async () => {
  const usual = await measure(0);
  const spared = await measure(5);
  expect(usual.upstreamCalls).toBe(CALLS);
  expect(spared.firstTokenMs).toHaveLength(CALLS);
  const [before, after] = [p99(usual.firstTokenMs), p99(spared.firstTokenMs)];
  const extra = spared.upstreamCalls / CALLS - 1;
  console.info(
    `p99 ${Math.round(before)} -> ${Math.round(after)} ms, ${(extra * 100).toFixed(2)} % more calls`,
  );
  expect(before / after).toBeGreaterThanOrEqual(5);
  expect(extra).toBeLessThanOrEqual(0.06);
});
