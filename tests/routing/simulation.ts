import { GatewayError } from "../../src/model/gateway-error.ts";
import type { Policy, ScopedPolicy } from "../../src/model/policy.ts";
import type { RetrySettings, RoutingSettings, Tier } from "../../src/model/route-settings.ts";
import type { RoutingRecord } from "../../src/model/routing-record.ts";
import type { CatalogModel, Route, Target, Upstream, WeightedTarget } from "../../src/model/snapshot.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";
import type { ChoiceRequest } from "../../src/routing/arrange.ts";
import type { Choice } from "../../src/routing/plan.ts";
import type { RequestFacts } from "../../src/routing/request-facts.ts";
import { RoutePlan } from "../../src/routing/route-plan.ts";
import { RoutingState } from "../../src/routing/routing-state.ts";
import { targetOf } from "../../src/routing/target.ts";
import type { Ticket } from "../../src/routing/target-state.ts";
import { USUAL_RETRIES, USUAL_TIER } from "../../src/routing/usual-settings.ts";
import { seeded } from "./seeded.ts";

/*
 * Routing without a network: targets are functions of time, the clock is turned by hand, and calls overlap as they would.
 */

/** How a target behaves for one call. */
export interface Behaviour {
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  readonly failure?: GatewayError;
  readonly usage?: Partial<Usage>;
  readonly headers?: { readonly [name: string]: string };
}

/** What became of one call. */
export interface CallResult {
  readonly id: string;
  /** The names of the targets that were tried, credentials behind an `@`. */
  readonly tried: readonly string[];
  readonly served: string | undefined;
  readonly failure: GatewayError | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attempts: readonly SimulatedAttempt[];
  readonly record: RoutingRecord;
}

/** One of its calls upstream. */
export interface SimulatedAttempt {
  readonly target: Target;
  readonly startedAtMs: number;
  readonly behaviour: Behaviour;
}

/** How many calls come, and how far apart. */
export interface Load {
  readonly calls: number;
  readonly everyMs: number;
  readonly facts?: (call: number) => Partial<RequestFacts>;
  /** Where several routes are called. */
  readonly route?: (call: number) => Route;
  readonly id?: (call: number, nowMs: number) => string;
}

export const SETTINGS: RoutingSettings = {
  health: {
    consecutiveFailures: 5,
    failurePercent: 50,
    windowMs: 10_000,
    minCalls: 20,
    openMs: 1000,
    maxOpenMs: 30_000,
  },
  retryBudget: { percent: 20, floor: 50 },
  queue: { length: 200, waitMs: 5000 },
  explainTo: [],
};

/** What is written of a target. */
export interface WrittenTarget {
  readonly name: string;
  readonly weight?: number;
  readonly tier?: number;
  readonly region?: string;
  readonly known?: Partial<CatalogModel>;
  readonly keys?: readonly string[];
  readonly lacks?: readonly string[];
}

/** A route of targets that nobody can reach. */
export function simulatedRoute(
  targets: readonly WrittenTarget[],
  tiers: readonly Partial<Tier>[] = [{}],
  retries: Partial<RetrySettings> = {},
): Route {
  return {
    alias: "simulated",
    translation: "warn",
    tiers: tiers.map((tier) => ({ ...USUAL_TIER, ...tier })),
    targets: targets.map(member),
    settings: { retries: { ...USUAL_RETRIES, ...retries } },
  };
}

function member({ name, weight = 1, tier = 0, region, known, keys, lacks }: WrittenTarget): WeightedTarget {
  const [provider = "", model = ""] = name.split("/");
  const knownModels = known === undefined ? [] : [[model, { provider, model, ...known }] as const];
  const upstream = {
    provider,
    endpoints: [],
    quirks: lacks === undefined ? [] : [{ lacks }],
    knownModels: new Map(knownModels),
  } as unknown as Upstream;
  const pool = keys?.map((credentialName) => ({ ...upstream, credentialName }));
  const target = targetOf(pool === undefined ? upstream : { ...upstream, pool }, model);
  return { target, weight, tier, ...(region === undefined ? {} : { region }) };
}

/** A policy over the caller of those facts. */
export function policyOfShop(policy: Policy): ScopedPolicy {
  return { scope: "project", id: "shop", policy };
}

/** Facts of a plain small request. */
export function simulatedFacts(nowMs: number, changes: Partial<RequestFacts> = {}): RequestFacts {
  const inputTokens = changes.inputTokens ?? 100;
  return {
    nowMs,
    project: "shop",
    keyId: "key_1",
    keyName: "website",
    tags: {},
    operation: "chat",
    dialect: "openai-chat",
    stream: false,
    endUser: undefined,
    bodyBytes: inputTokens * 4,
    inputTokens,
    roughInputTokens: inputTokens,
    maxOutputTokens: undefined,
    needs: new Set(),
    mayNeed: (need) => changes.needs?.has(need) === true,
    conversation: undefined,
    cacheMs: undefined,
    policies: [],
    header: () => undefined,
    isPriced: () => true,
    cost: () => undefined,
    ...changes,
  };
}

/** A failure as the gateway tells of one. */
export function failureOf(
  errorClass: NonNullable<GatewayError["errorClass"]>,
  retryAfterMs?: number,
): GatewayError {
  return new GatewayError(errorClass === "network" ? "upstream_interrupted" : "upstream_server", {
    errorClass,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

interface Due {
  readonly atMs: number;
  readonly work: () => void;
}

export class Simulation {
  nowMs = 1_700_000_000_000;
  readonly random: () => number;
  readonly state: RoutingState;
  readonly #due: Due[] = [];
  #calls = 0;

  constructor(seed = 1, settings: Partial<RoutingSettings> = {}) {
    this.random = seeded(seed);
    const all = { ...SETTINGS, ...settings };
    this.state = new RoutingState(() => all, { clock: () => this.nowMs, random: this.random });
  }

  request(route: Route, facts: Partial<RequestFacts> = {}, seed = `req_${this.#calls++}`): ChoiceRequest {
    return {
      route,
      permitted: route.targets,
      facts: simulatedFacts(this.nowMs, facts),
      states: this.state.targets,
      routeState: this.state.routes.of(route),
      seed,
    };
  }

  plan(request: ChoiceRequest): RoutePlan {
    return new RoutePlan(request, this.state);
  }

  /** Lets calls come and targets answer, until all have ended. */
  run(route: Route, load: Load, behave: (target: string, nowMs: number) => Behaviour): CallResult[] {
    const results: CallResult[] = [];
    for (let call = 0; call < load.calls; call++) {
      this.advance(load.everyMs);
      const own = load.route?.(call) ?? route;
      const id = load.id?.(call, this.nowMs);
      this.#call(this.request(own, load.facts?.(call), id), behave, (result) => results.push(result));
    }
    this.finish();
    return results;
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.#due[0]; next !== undefined && next.atMs <= untilMs; next = this.#due[0]) {
      this.#due.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.work();
    }
    this.nowMs = untilMs;
  }

  finish(): void {
    for (let next = this.#due[0]; next !== undefined; next = this.#due[0])
      this.advance(next.atMs - this.nowMs);
  }

  #call(
    request: ChoiceRequest,
    behave: (target: string, nowMs: number) => Behaviour,
    ended: (result: CallResult) => void,
  ): void {
    const plan = this.plan(request);
    const startedAtMs = this.nowMs;
    const tried: string[] = [];
    const attempts: SimulatedAttempt[] = [];
    const finish = (served: string | undefined, failure: GatewayError | undefined): void => {
      const times = { startedAtMs, endedAtMs: this.nowMs };
      ended({ id: request.seed, tried, served, failure, ...times, attempts, record: plan.record() });
    };
    const attempt = (choice: Choice | undefined, failure: GatewayError | undefined): void => {
      if (choice === undefined) {
        finish(undefined, failure);
        return;
      }
      this.#at(this.nowMs + choice.waitMs, () => {
        const name = nameOf(choice);
        tried.push(name);
        const ticket = choice.state.enter(request.facts.roughInputTokens);
        if (ticket === undefined) throw new Error("simulated targets have no bound on calls at once");
        const behaviour = behave(name, this.nowMs);
        attempts.push({ target: choice.target, startedAtMs: this.nowMs, behaviour });
        this.#at(this.nowMs + behaviour.totalMs, () => {
          this.#end(ticket, behaviour);
          const { failure: own } = behaviour;
          if (own === undefined) finish(name, undefined);
          else attempt(plan.after([{ choice, failure: own }]), own);
        });
      });
    };
    attempt(plan.first(), undefined);
  }

  #end(ticket: Ticket, { headers = {}, failure, totalMs, firstTokenMs, usage }: Behaviour): void {
    ticket.answered({ header: (name) => headers[name] }, this.nowMs);
    const used: Usage = { ...NO_USAGE, source: "reported", ...usage };
    ticket.end(
      { failure, firstTokenMs, totalMs, usage: used, stream: firstTokenMs !== undefined },
      this.nowMs,
    );
  }

  #at(atMs: number, work: () => void): void {
    if (atMs <= this.nowMs) {
      work();
      return;
    }
    const place = this.#due.findLastIndex((due) => due.atMs <= atMs) + 1;
    this.#due.splice(place, 0, { atMs, work });
  }
}

function nameOf({ target }: Choice): string {
  const { credentialName } = target.upstream;
  return credentialName === undefined ? target.name : `${target.name}@${credentialName}`;
}

/** How often each value occurs. */
export function countOf(values: Iterable<string | undefined>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value ?? "none", (counts.get(value ?? "none") ?? 0) + 1);
  return counts;
}
