import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type Act, type ActingProvider, startActingProvider } from "../routing/acting-provider.ts";

/*
 * Promise 10: upstream calls stay within 1.2 x client calls plus a floor when everything fails; no target twice per
 * request unless it was provably not executed; 4xx of the caller's making are never retried. tests/routing/plan.test.ts
 * has the same at 500 calls a second, by an injected clock.
 */

const FLOOR = 20;
const acts = new Map<string, Act>();
let provider: ActingProvider;
let gateway: GatewayProcess;

beforeAll(async () => {
  provider = startActingProvider(({ model }) => acts.get(model) ?? { status: 500 });
  gateway = await startGateway({
    configuration: `
providers:
  one: { dialect: openai-chat, base_url: "${provider.url}", key: key-1 }
  two: { dialect: openai-chat, base_url: "${provider.url}", key: key-2 }
  nowhere: { dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", key: key-3 }
routes:
  failing: { targets: [one/f1, two/f2, one/f3, two/f4], strategy: round-robin }
  twice: { targets: [one/t1, two/t2] }
  unreachable: { targets: [nowhere/m] }
routing:
  retry_budget: { percent: 20, floor: ${FLOOR} }
`,
  });
});

afterAll(async () => {
  await gateway.dispose();
  await provider.stop();
});

beforeEach(() => acts.clear());

function callsOf(model: string): number {
  return provider.calls.filter((call) => call.model === model).length;
}

async function ask(model: string, stream = false): Promise<Response> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.arrayBuffer();
  return response;
}

describe("promise 10: retry budget", () => {
  test("all targets failing: 1.2 calls upstream for one, and the floor", async () => {
    const clientCalls = 600;
    const before = provider.calls.length;
    let begun = 0;
    const client = async () => {
      while (begun < clientCalls) {
        begun++;
        expect((await ask("failing", begun % 3 === 0)).status).toBeGreaterThanOrEqual(500);
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    const upstreamCalls = provider.calls.length - before;
    expect(upstreamCalls).toBeGreaterThanOrEqual(clientCalls);
    // Should the calls have taken longer than the ten seconds that the floor is for, it was there again.
    expect(upstreamCalls).toBeLessThanOrEqual(clientCalls * 1.2 + FLOOR * 3);
  }, 60_000);

  test("no target twice", async () => {
    for (const status of [500, 503, 529, 429, 401]) {
      acts.set("t1", { status });
      acts.set("t2", { status });
      const before = [callsOf("t1"), callsOf("t2")];
      await ask("twice");
      expect([callsOf("t1"), callsOf("t2")]).toEqual(before.map((calls) => calls + 1));
    }
  });

  test("but one that was never reached, once more", async () => {
    const response = await ask("unreachable");
    expect(response.status).toBe(502);
    expect(response.headers.get("x-request-id")).toBeString();
    await waitForLedger(gateway, ({ requests }) =>
      requests.some(({ route, attempts }) => route === "unreachable" && attempts === 2),
    );
  });

  test.each([400, 404, 413, 422])("%d is told at once, and asked nowhere else", async (status) => {
    acts.set("t1", { status });
    acts.set("t2", {});
    const before = [callsOf("t1"), callsOf("t2")];
    expect((await ask("one/t1")).status).toBe(status);
    expect((await ask("one/t1", true)).status).toBe(status);
    expect([callsOf("t1"), callsOf("t2")]).toEqual([(before[0] ?? 0) + 2, before[1] ?? 0]);
  });
});
