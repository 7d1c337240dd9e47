import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type Act, type ActedCall, type ActingProvider, startActingProvider } from "./acting-provider.ts";

/* Routing as a client sees it, through a gateway process and a provider that behaves as it is told. */

let act: (call: ActedCall) => Act = () => ({});
let provider: ActingProvider;
let gateway: GatewayProcess;

beforeAll(async () => {
  provider = startActingProvider((call) => act(call));
  const of = (key: string) => `{ dialect: openai-chat, base_url: "${provider.url}", key: ${key} }`;
  gateway = await startGateway({
    configuration: `
providers:
  one: ${of("key-1")}
  two: ${of("key-2")}
  messages: { dialect: anthropic-messages, base_url: "${provider.url}", key: key-m }
  pooled:
    dialect: openai-chat
    base_url: "${provider.url}"
    keys: [{ key: pool-a, name: a }, { key: pool-b, name: b }]
  narrow:
    dialect: openai-chat
    base_url: "${provider.url}"
    key: key-n
    max_in_flight: 1
routes:
  safe: { targets: [one/m, two/m] }
  split: { strategy: weighted, targets: [{ model: one/w, weight: 1 }, { model: two/w, weight: 1 }] }
  hedged: { targets: [one/h, two/h], hedge: { percent: 100, after_ms: 50 } }
  hedged-lossy: { targets: [one/l, messages/l], hedge: { percent: 100, after_ms: 50 } }
  broken: { targets: [one/b, two/b] }
  keys: { targets: [pooled/k] }
  arms: { experiment: { name: e1, arms: { old: { targets: [one/old] }, new: { targets: [two/new] } } } }
  trying: { targets: [one/t], canary: { target: two/c, percent: 50, by: "header:x-user" } }
  european: { targets: [{ model: one/e, when: { tags: { area: eu } } }] }
routing:
  explain_to_projects: [default]
`,
  });
});

afterAll(async () => {
  await gateway.dispose();
  await provider.stop();
});

beforeEach(() => {
  act = () => ({});
});

function ask(model: string, { stream = false, headers = {}, more = {} }: AskOptions = {}): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${gateway.virtualKey}`,
      ...headers,
    },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "Hello" }], ...more }),
  });
}

interface AskOptions {
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the request. */
  readonly more?: object;
}

describe("an outage", () => {
  test("of one provider, all of it: no client sees an error, streams that had not begun among them", async () => {
    act = ({ key, stream }) => (key === "key-1" ? (stream ? { breaks: true } : { status: 500 }) : {});
    const outcomes = await Promise.all(
      Array.from({ length: 120 }, async (_, call) => {
        const response = await ask(call % 2 === 0 ? "safe" : "split", { stream: call % 3 === 0 });
        const text = await response.text();
        return [response.status, text.includes("entrance"), text.includes('"error"')];
      }),
    );
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).toEqual(
      new Set([JSON.stringify([200, true, false])]),
    );
  });

  test("after a while it is hardly asked any more", async () => {
    act = ({ key }) => (key === "key-1" ? { status: 503 } : {});
    for (let call = 0; call < 20; call++) await ask("broken");
    const before = provider.calls.length;
    for (let call = 0; call < 30; call++) expect((await ask("broken")).status).toBe(200);
    expect(provider.calls.slice(before).filter(({ key }) => key === "key-1").length).toBeLessThanOrEqual(3);
  });
});

describe("several keys", () => {
  test("one that is refused is taken out, and its calls go by the other", async () => {
    act = ({ key }) => (key === "pool-a" ? { status: 401 } : {});
    for (let call = 0; call < 20; call++) expect((await ask("keys")).status).toBe(200);
    const calls = provider.calls.filter(({ model }) => model === "k");
    expect(calls.filter(({ key }) => key === "pool-a").length).toBe(1);
    expect(calls.filter(({ key }) => key === "pool-b").length).toBe(20);
  });
});

describe("hedging", () => {
  test("another is asked beside a silent one; the first wins, the other is given up, and both have rows", async () => {
    act = ({ key }) => (key === "key-1" ? { delayMs: 5000 } : {});
    for (const stream of [false, true]) {
      const before = provider.calls.length;
      const response = await ask("hedged", { stream });
      expect(await response.text()).toContain("entrance");
      const answeredAtMs = performance.now();
      expect(response.headers.get("x-gatehouse-target")).toBe("two/h");
      const [first, second] = provider.calls.slice(before);
      expect([first?.key, second?.key]).toEqual(["key-1", "key-2"]);
      while (first?.leftAtMs === undefined) await Bun.sleep(5);
      console.info(`the loser was given up ${Math.round(first.leftAtMs - answeredAtMs)} ms after the answer`);
      const id = response.headers.get("x-request-id");
      const { attempts } = await waitForLedger(gateway, ({ attempts: rows }) => {
        const own = rows.filter(({ request_id: request }) => request === id);
        return own.length === 2 && own.every(({ outcome }) => outcome !== null);
      });
      const own = attempts.filter(({ request_id: request }) => request === id);
      expect(own.map(({ outcome, error_code: code }) => [outcome, code])).toEqual([
        ["failed", "superseded"],
        ["ok", null],
      ]);
    }
  });

  test.each([false, true])(
    "leaves no warning of the loser's with the answer (stream: %p)",
    async (stream) => {
      const hedge = Promise.withResolvers<void>();
      act = ({ key }) => {
        if (key === "key-1") return { until: hedge.promise };
        hedge.resolve();
        return { until: new Promise(() => {}) };
      };
      const response = await ask("hedged-lossy", { stream, more: { seed: 7 } });
      expect(await response.text()).toContain("entrance");
      expect(response.headers.get("x-gatehouse-target")).toBe("one/l");
      expect(response.headers.get("x-gatehouse-warnings")).toBeNull();
      const id = response.headers.get("x-request-id");
      const { requests } = await waitForLedger(gateway, ({ requests: rows }) =>
        rows.some((row) => row.id === id && row.outcome !== null),
      );
      expect(requests.find((row) => row.id === id)?.warnings).toBeNull();
    },
  );
});

describe("a caller's deadline", () => {
  test.each([
    ["x-gatehouse-deadline-ms", "300"],
    ["x-stainless-timeout", "0.3"],
    ["x-stainless-read-timeout", "0.3"],
  ])("%s bounds all attempts together", async (name, value) => {
    act = () => ({ delayMs: 4000 });
    const response = await ask("safe", { headers: { [name]: value } });
    expect(response.status).toBe(504);
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe("deadline_exceeded");
  });

  test("an answer within it is not touched", async () => {
    const response = await ask("safe", { stream: true, headers: { "x-gatehouse-deadline-ms": "3000" } });
    expect(await response.text()).toContain("[DONE]");
  });
});

describe("a bound on calls at once", () => {
  test("calls wait for their turn, and none is lost", async () => {
    let now = 0;
    let most = 0;
    act = ({ key }) => {
      if (key !== "key-n") return {};
      now++;
      most = Math.max(most, now);
      setTimeout(() => now--, 15);
      return { delayMs: 20 };
    };
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask("narrow/m")));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(most).toBe(1);
  });
});

describe("a canary", () => {
  test("that fails is given up by itself, and no client sees it", async () => {
    let asked = 0;
    // Not so often that it is taken out for that alone.
    act = ({ model }) => (model === "c" && asked++ % 5 < 2 ? { status: 500 } : {});
    for (let call = 0; call < 200; call++) {
      const response = await ask("trying", { headers: { "x-user": `user ${call}` } });
      expect(response.status).toBe(200);
    }
    expect(asked).toBeGreaterThan(10);
    const before = provider.calls.length;
    for (let call = 0; call < 40; call++) await ask("trying", { headers: { "x-user": `user ${call}` } });
    expect(provider.calls.slice(before).filter(({ model }) => model === "c")).toEqual([]);
    // The log comes through a pipe.
    await waitUntil(() => gateway.log().includes("canary given up"), 10_000, "the log's line");
  });
});

describe("what became of it", () => {
  test("the row says which route was taken, what was tried and why", async () => {
    act = ({ key, model }) => (key === "key-1" && model === "m" ? { status: 500 } : {});
    const response = await ask("safe");
    const id = response.headers.get("x-request-id") ?? "";
    await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome === "ok"),
    );
    const answer = await fetch(`${gateway.url}/admin/v1/requests/${id}`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    const { route, routing } = (await answer.json()) as { route: string; routing: { tried: object[] } };
    expect(route).toBe("safe");
    expect(routing.tried.length).toBeGreaterThan(0);
    expect(routing.tried.at(-1)).toMatchObject({ target: "two/m" });
  });

  test("an experiment's arm is the same for a key, and stands in the row", async () => {
    const targets = new Set<string | null>();
    for (let call = 0; call < 10; call++) targets.add((await ask("arms")).headers.get("x-gatehouse-target"));
    expect(targets.size).toBe(1);
    const arm = [...targets][0] === "one/old" ? "old" : "new";
    await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.route === "arms" && row.arm === arm),
    );
  });

  test("x-gatehouse-explain tells how each target stands", async () => {
    const response = await ask("safe", { headers: { "x-gatehouse-explain": "true" } });
    const explanation = JSON.parse(response.headers.get("x-gatehouse-explanation") ?? "");
    expect(explanation).toMatchObject({
      route: "safe",
      first: { target: response.headers.get("x-gatehouse-target") },
    });
    expect(explanation.targets).toHaveLength(2);
    expect((await ask("safe")).headers.get("x-gatehouse-explanation")).toBeNull();
  });

  test("POST /admin/v1/routes/explain tells what the next call does, by the id that it will have", async () => {
    const headers = { authorization: `Bearer ${gateway.adminKey}` };
    const keys = (await (await fetch(`${gateway.url}/admin/v1/keys`, { headers })).json()) as {
      data: { id: string }[];
    };
    const explained = async (model: string) => {
      const answer = await fetch(`${gateway.url}/admin/v1/routes/explain`, {
        method: "POST",
        headers,
        body: JSON.stringify({ model, key_id: keys.data[0]?.id }),
      });
      return (await answer.json()) as { first?: { target: string }; targets: { because?: string }[] };
    };
    const { first } = await explained("arms");
    expect((await ask("arms")).headers.get("x-gatehouse-target")).toBe(first?.target ?? "");
    const european = await explained("european");
    expect(european.first).toBeUndefined();
    expect(european.targets[0]?.because).toBe("its condition does not hold");
  });

  test("where no target may be used, the refusal says of each why", async () => {
    const response = await ask("european");
    expect(response.status).toBe(403);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("no_target");
    expect(error.message).toContain("one/e: its condition does not hold");
  });
});
