import { expect, test } from "bun:test";
import { loadSettings } from "../../src/assembly/configuration/load-settings.ts";
import { processSnapshot } from "../../src/assembly/configuration/process-settings.ts";
import { openPriceBook } from "../../src/assembly/price-book.ts";
import { Comparison } from "../../src/assembly/simulation/comparison.ts";
import { replay } from "../../src/assembly/simulation/replay.ts";
import { World } from "../../src/assembly/simulation/world.ts";
import { dialects } from "../../src/dialects/index.ts";
import { recordedCalls } from "../../src/ledger/requests/recorded-calls.ts";
import { nonEmptyText } from "../../src/model/caller.ts";
import type { MeasuredFacts } from "../../src/model/routing-record.ts";
import type { Route, Snapshot, Target } from "../../src/model/snapshot.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import type { KnownCaller } from "../../src/policy/identity/known-caller.ts";
import { providers } from "../../src/providers/catalog.ts";
import { openDatabaseInMemory } from "../../src/storage/open-sqlite.ts";
import { idAt } from "../ledger/timed-ids.ts";
import { type Behaviour, failureOf, Simulation } from "./simulation.ts";
import { storeCalls } from "./stored-calls.ts";

/*
 * The routing decides over 100,000 calls by an injected clock, the rows are stored, and what `gatehouse simulate` does
 * with them is held against what was decided.
 */

const CALLS = 100_000;

const CONFIGURATION = `
providers:
  one: { dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", key: key-1 }
  two: { dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", key: key-2 }
  three: { dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", keys: [{ key: a, name: a }, { key: b, name: b }] }
routes:
  ordered: { targets: [one/o, two/o] }
  split: { strategy: weighted, targets: [{ model: one/s, weight: 3 }, two/s, three/s] }
  turns: { strategy: round-robin, targets: [one/t, two/t, three/t] }
  least: { strategy: least-in-flight, targets: [one/l, two/l, three/l] }
  fast: { strategy: lowest-latency, targets: [one/f, two/f, three/f] }
  cheap: { strategy: cheapest, targets: [one/c, two/c, three/c] }
  warm: { strategy: cache-affinity, targets: [one/w, two/w, three/w] }
  stuck: { strategy: sticky, by: end_user, targets: [one/k, two/k, three/k] }
prices:
  one/*: { input: 1, output: 2, cached_input: 0.1 }
  two/*: { input: 3, output: 4 }
  three/*: { input: 1.001, output: 2 }
`;

const result = loadSettings({
  environment: {},
  catalog: providers,
  dialects,
  readFile: () => "",
  folder: "/nowhere",
  text: { text: CONFIGURATION, label: "test" },
});
if ("problems" in result) throw new Error(JSON.stringify(result.problems));
const snapshot = processSnapshot(result.settings);
const prices = openPriceBook(result.settings);

const caller: KnownCaller = {
  project: nonEmptyText("shop"),
  keyId: nonEmptyText("key_1"),
  keyName: "website",
  policies: [],
  mayUse: () => true,
  mayReach: () => true,
};

/** What the calls bring. */
function factsOf(route: string | undefined, call: number): MeasuredFacts & { readonly endUser?: string } {
  if (route === "warm") return { inputTokens: 100, needs: [], conversation: `talk ${call % 997}` };
  if (route === "stuck") return { endUser: `user ${call % 101}` };
  return route === "cheap" ? { inputTokens: 100 + (call % 50) } : {};
}

/** One of the targets of each route goes out for a while, again and again. */
function behaviour(simulation: Simulation): (name: string, nowMs: number) => Behaviour {
  const { random } = simulation;
  return (name, nowMs) => {
    const isOut = name.startsWith("two/") && nowMs % 300_000 < 20_000;
    if (isOut || random() < 0.002) return { totalMs: 5 + 10 * random(), failure: failureOf("server") };
    const totalMs = (name.startsWith("one/") ? 180 : 200) * (0.5 + random());
    const cachedInputTokens = Math.floor(60 * random());
    return {
      totalMs,
      usage: { inputTokens: 120, cachedInputTokens, outputTokens: 20 + Math.floor(60 * random()) },
    };
  };
}

function routeOf({ routes }: Snapshot, call: number): Route {
  const all = [...routes.values()];
  const route = all[call % all.length];
  if (route === undefined) throw new Error("no routes");
  return route;
}

async function storedCalls() {
  const simulation = new Simulation(3, snapshot.routing);
  const cost = (
    { upstream, model }: Target,
    cachedShare: number,
    outputTokens: number,
    inputTokens: number,
  ) => {
    const usage = {
      ...NO_USAGE,
      inputTokens,
      cachedInputTokens: Math.round(inputTokens * cachedShare),
      outputTokens,
    };
    return prices.cost(upstream.provider, model, usage, simulation.nowMs)?.cost;
  };
  const load = {
    calls: CALLS,
    everyMs: 20.0007,
    route: (call: number) => routeOf(snapshot, call),
    id: (call: number, nowMs: number) => idAt("req_", nowMs, call),
    facts: (call: number) => {
      const { alias } = routeOf(snapshot, call);
      const { needs: _, ...own } = factsOf(alias, call);
      const { inputTokens = 100 } = own;
      return {
        ...own,
        cost: (target: Target, share: number, output: number) => cost(target, share, output, inputTokens),
      };
    },
  };
  const results = simulation.run(routeOf(snapshot, 0), load, behaviour(simulation));
  const database = await openDatabaseInMemory();
  storeCalls(
    database,
    results.map((each) => {
      const call = Number.parseInt(each.id.slice(-12), 16);
      const { alias } = routeOf(snapshot, call);
      return { result: each, route: alias, facts: factsOf(alias, call) };
    }),
  );
  return database;
}

test(`the unchanged configuration over ${CALLS} stored requests: at least 99.9 % of the decisions are the same, the rest explained by health`, async () => {
  const database = await storedCalls();
  const comparison = new Comparison({ sinceMs: 0, project: undefined });
  const startedAtMs = performance.now();
  const world = new World({ snapshot, prices, callerOf: () => caller });
  replay(world, recordedCalls(database, { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }), comparison);
  const tookMs = performance.now() - startedAtMs;
  database.close();
  const { same, health, different } = comparison.decisions;
  console.info(
    `replayed ${CALLS} requests in ${Math.round(tookMs)} ms: ${JSON.stringify(comparison.decisions)}`,
  );
  expect(same + health + different).toBe(CALLS);
  expect(same / CALLS).toBeGreaterThanOrEqual(0.999);
  expect(different).toBe(0);
}, 60_000);
