import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Breaker } from "../../src/routing/health/breaker.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { readLedger } from "../process/ledger-rows.ts";
import { SETTINGS } from "./simulation.ts";

/** Active probes: a provider is known to be gone, and back, without a call that finds out. */

setDefaultTimeout(60_000);

const EVERY_MS = 100;
/** What a provider does when it is asked for its models, and for an answer. */
type Mode = "up" | "down" | "has-no-list" | "lists-for-others";

const LIST_STATUS = { up: 200, down: 503, "has-no-list": 404, "lists-for-others": 403 } as const;

class Provider {
  mode: Mode = "up";
  calls = 0;
  readonly probes: (string | null)[] = [];
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ method, headers }) => {
      if (method === "GET") {
        this.probes.push(headers.get("authorization"));
        return Response.json({ object: "list", data: [{ id: "m" }] }, { status: LIST_STATUS[this.mode] });
      }
      this.calls++;
      if (this.mode === "down") return Response.json({ error: { message: "no" } }, { status: 503 });
      const message = { role: "assistant", content: "Here." };
      return Response.json({ id: "c", choices: [{ index: 0, message, finish_reason: "stop" }] });
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/v1`;
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  /** Waits for probes that began after now. */
  async probed(times: number): Promise<void> {
    const before = this.probes.length;
    await waitUntil(() => this.probes.length >= before + times, 20_000, "probes");
  }
}

let one: Provider;
let two: Provider;
let gateway: GatewayProcess;

beforeAll(async () => {
  [one, two] = [new Provider(), new Provider()];
  gateway = await startGateway({
    configuration: `
providers:
  one: { dialect: openai-chat, base_url: "${one.url}", key: key-1 }
  two: { dialect: openai-chat, base_url: "${two.url}", key: key-2 }
  aside: { dialect: openai-chat, base_url: "${two.url}", key: key-of-no-route }
routes:
  both: { targets: [one/m, two/m] }
routing:
  health: { probe_every_ms: ${EVERY_MS}, open_ms: ${EVERY_MS}, max_open_ms: ${EVERY_MS}, consecutive_failures: 3 }
`,
  });
});
afterAll(async () => {
  await gateway.dispose();
  await Promise.all([one.stop(), two.stop()]);
});

beforeEach(async () => {
  one.mode = "up";
  await waitUntil(async () => (await ask()) === "one/m", 20_000, "the first target in use");
});

async function ask(): Promise<string | null> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify({ model: "both", messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.body?.cancel();
  expect(response.status).toBe(200);
  return response.headers.get("x-gatehouse-target");
}

/** Which target the next call would go to first, without a call. */
async function wouldAsk(): Promise<string | undefined> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${gateway.adminKey}` };
  const keys = (await (await fetch(`${gateway.url}/admin/v1/keys`, { headers })).json()) as {
    readonly data: readonly { readonly id: string }[];
  };
  const body = JSON.stringify({ model: "both", key_id: keys.data[0]?.id });
  const answer = await fetch(`${gateway.url}/admin/v1/routes/explain`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly first?: { readonly target: string } }).first?.target;
}

describe("where probes are configured", () => {
  test("a provider that is gone is out before a call comes, no call is risked until it is back, and then it is used", async () => {
    one.mode = "down";
    const before = one.calls;
    await waitUntil(async () => (await wouldAsk()) === "two/m", 20_000, "the target to be out");
    // Longer than it would have been out without a probe: calls would try it.
    for (let round = 0; round < 5; round++) {
      expect(await ask()).toBe("two/m");
      await one.probed(2);
    }
    expect(one.calls).toBe(before);
    one.mode = "up";
    await waitUntil(async () => (await ask()) === "one/m", 20_000, "the target back");
    await waitUntil(() => gateway.log().includes("provider not reached by a probe"));
    await waitUntil(() => gateway.log().includes("provider reached again by a probe"));
  });

  test.each(["has-no-list", "lists-for-others"] as const)("one that %s stays in use", async (mode) => {
    one.mode = mode;
    await one.probed(6);
    expect(await wouldAsk()).toBe("one/m");
    expect(await ask()).toBe("one/m");
  });

  test("each is asked with its own key, nobody beside the routes' providers is, and no row comes of it", async () => {
    await Promise.all([one.probed(1), two.probed(1)]);
    expect(new Set(one.probes)).toEqual(new Set(["Bearer key-1"]));
    expect(new Set(two.probes)).toEqual(new Set(["Bearer key-2"]));
    const metrics = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    expect(await metrics.text()).toMatch(
      /gatehouse_health_probes_total\{provider="one",reached="true"\} \d+/,
    );
    expect(readLedger(gateway).attempts.length).toBeLessThanOrEqual(one.calls + two.calls);
  });
});

test("a list shortens no rest that calls have earned", () => {
  const breaker = new Breaker(
    () => ({ ...SETTINGS.health, consecutiveFailures: 1, openMs: 1000 }),
    () => 0.5,
  );
  breaker.failed(breaker.begin(), 0);
  const untilMs = breaker.openUntilMs;
  breaker.probed(true, 100, 5000);
  expect(breaker.openUntilMs).toBe(untilMs);
  breaker.probed(false, 200, 5000);
  expect(breaker.openUntilMs).toBe(5000);
  breaker.probed(true, 300, 5000);
  expect([breaker.openUntilMs, breaker.state(300)]).toEqual([300, "half-open"]);
});

test("probes that reached nobody are no row where others between them did, and add to calls that failed", () => {
  const breaker = new Breaker(
    () => ({ ...SETTINGS.health, consecutiveFailures: 3 }),
    () => 0.5,
  );
  for (let nowMs = 0; nowMs < 600_000; nowMs += 60_000) {
    breaker.probed(false, nowMs, nowMs);
    breaker.probed(true, nowMs + 1, nowMs);
  }
  expect(breaker.state(600_000)).toBe("closed");
  breaker.failed(breaker.begin(), 600_000);
  breaker.probed(true, 600_001, 600_001);
  breaker.failed(breaker.begin(), 600_002);
  expect(breaker.state(600_002)).toBe("closed");
  breaker.probed(false, 600_003, 601_000);
  expect(breaker.state(600_003)).toBe("open");
});
