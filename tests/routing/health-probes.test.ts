import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { loadSettings } from "../../src/assembly/configuration/load-settings.ts";
import { processSnapshot } from "../../src/assembly/configuration/process-settings.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Answer, Call } from "../../src/egress/answer.ts";
import type { Egress } from "../../src/egress/egress.ts";
import type { Endpoint } from "../../src/egress/endpoint.ts";
import { EgressFailure } from "../../src/egress/failure.ts";
import { FetchedAnswer } from "../../src/egress/fetched-answer.ts";
import { HealthProbes } from "../../src/gateway/health-probes.ts";
import { Ticker } from "../../src/gateway/ticker.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { providers } from "../../src/providers/catalog.ts";
import type { BreakerState } from "../../src/routing/health/breaker.ts";
import { RoutingState } from "../../src/routing/routing-state.ts";
import type { Telemetry } from "../../src/telemetry/telemetry.ts";
import { waitUntil } from "../process/gateway-process.ts";

/** Who is probed when, and what comes of it, by an injected clock and providers that answer when they are told to. */

setDefaultTimeout(60_000);

const HOUR_MS = 3_600_000;

/** A probe that waits for its answer. */
interface Waiting {
  readonly host: string;
  answer(status: number, headers?: { readonly [name: string]: string }, body?: string | ReadableStream): void;
  fail(): void;
}

class World {
  nowMs = 1_000_000_000;
  snapshot: Snapshot;
  waiting: Waiting[] = [];
  readonly told: string[] = [];
  readonly counted: string[] = [];
  readonly routing = new RoutingState(() => this.snapshot.routing, {
    clock: () => this.nowMs,
    random: () => 0.5,
  });
  readonly probes: HealthProbes;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    const tell = (facts: { readonly credential?: string }, text: string) =>
      this.told.push([...(facts.credential === undefined ? [] : [facts.credential]), text].join(": "));
    const telemetry = {
      metrics: { probed: (name: string, isReached: boolean) => this.counted.push(`${name} ${isReached}`) },
      log: { info: tell, warn: tell },
    } as unknown as Telemetry;
    const egress = { send: (endpoint: Endpoint) => this.#send(endpoint) } as unknown as Egress;
    const { routing } = this;
    const ticker = new Ticker();
    this.probes = new HealthProbes({
      ...{ routing, dialects, egress, ticker, telemetry },
      snapshot: () => this.snapshot,
    });
    this.probes.start();
  }

  /** Takes the probes that wait, once there are so many. */
  async taken(count: number): Promise<readonly Waiting[]> {
    await waitUntil(() => this.waiting.length >= count, 20_000, `${count} probes`);
    return this.waiting.splice(0);
  }

  /** How the only target of a route stands. */
  stateOf(route: string): BreakerState {
    const [member] = this.snapshot.routes.get(route)?.targets ?? [];
    if (member === undefined) throw new Error(`no route ${route}`);
    return this.routing.targets.of(member.target).breaker.state(this.nowMs);
  }

  #send({ url }: Endpoint): Call {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.waiting.push({
      host: new URL(url).hostname,
      answer: (status, headers = {}, body = "{}") =>
        resolve(new FetchedAnswer(new Response(body, { status, headers }), new AbortController())),
      fail: () => reject(new EgressFailure("unreachable", "ECONNREFUSED")),
    });
    return { answer: promise, isConnected: false, abort: () => {} };
  }
}

let world: World | undefined;
afterEach(() => world?.probes.stop());

function worldOf(snapshot: Snapshot): World {
  world = new World(snapshot);
  return world;
}

/** A configuration of providers, each at the host given and with a route of its name. */
function configured(
  hosts: { readonly [provider: string]: string },
  health: string,
  credential = "key: k",
): Snapshot {
  const names = Object.keys(hosts);
  const text = `
providers:
${names.map((name) => `  ${name}: { dialect: openai-chat, base_url: "http://${hosts[name]}/v1", ${credential} }`).join("\n")}
routes:
${names.map((name) => `  to-${name}: { targets: [${name}/m] }`).join("\n")}
routing:
  health: { consecutive_failures: 1, ${health} }
`;
  const read = { environment: {}, catalog: providers, dialects, readFile: () => "", folder: "/nowhere" };
  const result = loadSettings({ ...read, text: { text, label: "test" } });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return processSnapshot(result.settings);
}

/** Whatever follows from what is known already has followed. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("a shorter interval holds at once, not after the longer one of before", async () => {
  const hosts = { one: "one.test" };
  const world = worldOf(configured(hosts, `probe_every_ms: ${HOUR_MS}`));
  for (const probe of await world.taken(1)) probe.answer(200);
  await settled();
  world.snapshot = configured(hosts, "probe_every_ms: 1000");
  world.nowMs += 1000;
  expect(await world.taken(1)).toHaveLength(1);
});

test("what a probe of an older configuration comes to is no news of this one", async () => {
  const world = worldOf(configured({ one: "wrong.test" }, "probe_every_ms: 1000"));
  const [old] = await world.taken(1);
  world.snapshot = configured({ one: "right.test" }, "probe_every_ms: 1000");
  const [probe] = await world.taken(1);
  expect(probe?.host).toBe("right.test");
  probe?.answer(200);
  await settled();
  old?.fail();
  await settled();
  expect([world.stateOf("to-one"), world.counted, world.told]).toEqual(["closed", ["one true"], []]);
});

test("a provider that was not reached is asked at once where the configuration changes", async () => {
  const world = worldOf(configured({ one: "wrong.test" }, `probe_every_ms: ${HOUR_MS}`));
  for (const probe of await world.taken(1)) probe.fail();
  await settled();
  expect(world.stateOf("to-one")).toBe("open");
  world.snapshot = configured({ one: "right.test" }, `probe_every_ms: ${HOUR_MS}`);
  for (const probe of await world.taken(1)) probe.answer(200);
  await settled();
  expect(world.stateOf("to-one")).toBe("half-open");
});

test("a provider whose list is elsewhere was reached", async () => {
  const world = worldOf(configured({ one: "one.test" }, "probe_every_ms: 1000"));
  const [one] = await world.taken(1);
  one?.answer(307, { location: "/v1/models/" });
  await waitUntil(() => world.counted.length === 1);
  expect([world.stateOf("to-one"), world.counted, world.told]).toEqual(["closed", ["one true"], []]);
});

test("a provider that says it has no such list was reached", async () => {
  const world = worldOf(configured({ one: "one.test" }, "probe_every_ms: 1000"));
  const [one] = await world.taken(1);
  one?.answer(501);
  await waitUntil(() => world.counted.length === 1);
  expect([world.stateOf("to-one"), world.counted, world.told]).toEqual(["closed", ["one true"], []]);
});

test("of several keys it is told which one's probe reached nobody", async () => {
  const keys = "keys: [{ key: a, name: first }, { key: b, name: second }]";
  const world = worldOf(configured({ one: "one.test" }, "probe_every_ms: 1000", keys));
  const [first, second] = await world.taken(2);
  first?.answer(200);
  second?.fail();
  await waitUntil(() => world.counted.length === 2);
  expect(world.told).toEqual(["second: provider not reached by a probe"]);
});

test("of a long list no more is read than it takes to see that it comes", async () => {
  const world = worldOf(configured({ one: "one.test" }, "probe_every_ms: 1000"));
  const [one] = await world.taken(1);
  let readBytes = 0;
  const part = new Uint8Array(16_384);
  const list = new ReadableStream({
    pull(controller) {
      readBytes += part.byteLength;
      controller.enqueue(part.slice());
    },
  });
  one?.answer(200, {}, list);
  await waitUntil(() => world.counted.length === 1);
  expect(world.counted).toEqual(["one true"]);
  expect(readBytes).toBeLessThan(1_000_000);
});

test("a provider that refuses at length has refused", async () => {
  const world = worldOf(configured({ one: "one.test" }, "probe_every_ms: 1000"));
  const [one] = await world.taken(1);
  one?.answer(503, {}, "m".repeat(100_000));
  await waitUntil(() => world.counted.length === 1);
  expect(world.counted).toEqual(["one false"]);
});

test("a provider that was not reached is asked again as soon as a target that is out would be tried", async () => {
  const world = worldOf(configured({ one: "one.test" }, `probe_every_ms: ${HOUR_MS}, max_open_ms: 30000`));
  for (const probe of await world.taken(1)) probe.fail();
  await settled();
  world.nowMs += 30_000;
  const [again] = await world.taken(1);
  expect(world.stateOf("to-one")).toBe("open");
  again?.answer(200);
  await settled();
  expect(world.stateOf("to-one")).toBe("half-open");
});

test("of more than are asked at once, those who have waited longest come first", async () => {
  const names = Array.from({ length: 40 }, (_, place) => `p${place}`);
  const hosts = Object.fromEntries(names.map((name) => [name, `${name}.test`]));
  const world = worldOf(configured(hosts, "probe_every_ms: 1000"));
  const asked = new Set<string>();
  for (let round = 0; round < 3; round++) {
    for (const probe of await world.taken(16)) {
      asked.add(probe.host);
      probe.fail();
    }
    await settled();
    world.nowMs += 5000;
  }
  expect(asked.size).toBe(names.length);
});

test("a probe that the end of the gateway cuts off tells of nobody", async () => {
  const world = worldOf(configured({ one: "one.test" }, "probe_every_ms: 1000"));
  const [probe] = await world.taken(1);
  world.probes.stop();
  probe?.fail();
  await settled();
  expect([world.stateOf("to-one"), world.counted, world.told]).toEqual(["closed", [], []]);
});
