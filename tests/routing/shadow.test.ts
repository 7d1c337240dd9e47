import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import type { AttemptRow } from "../../src/storage/schema.ts";
import { type Administer, administration } from "../admin/administration.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { type LedgerRows, readLedger, waitForLedger as waitFor } from "../process/ledger-rows.ts";
import { type Act, type ActedCall, type ActingProvider, startActingProvider } from "./acting-provider.ts";

/* Shadows: calls that are copied, whose callers must not notice. And what is told of them, and of an experiment's arms. */

setDefaultTimeout(60_000);

let act: (call: ActedCall) => Act = () => ({});
let provider: ActingProvider;
let gateway: GatewayProcess;
let administer: Administer;

/** Longer than any test: what is waited for to the end of a drain is waited for too long. */
const configuration = (url: string): string => `
server: { shutdown: { drain_ms: 600000 } }
providers:
  one: { dialect: openai-chat, base_url: "${url}", key: key-1, region: eu }
  two: { dialect: openai-chat, base_url: "${url}", key: key-2, region: us }
routes:
  copied: { targets: [one/m], shadow: { target: two/s, percent: 100 } }
  narrow: { targets: [one/m], shadow: { target: two/n, percent: 100, max_in_flight: 1 } }
  seldom: { targets: [one/m], shadow: { target: two/r, percent: 20, max_in_flight: 1000 } }
  failing: { targets: [one/f], shadow: { target: two/f, percent: 100 } }
  arms:
    experiment: { name: e, arms: { old: { targets: [one/old] }, new: { targets: [two/new] } } }
    shadow: { target: two/a, percent: 100 }
prices:
  one/m: { input: 1, output: 2 }
  two/s: { input: 3, output: 4 }
`;

beforeAll(async () => {
  provider = startActingProvider((call) => act(call));
  gateway = await startGateway({ configuration: configuration(provider.url) });
  administer = administration(gateway);
});

afterAll(async () => {
  await gateway.dispose();
  await provider.stop();
});

beforeEach(() => {
  act = () => ({});
});

interface Asking {
  readonly stream?: boolean;
  readonly key?: string;
  readonly dialect?: "chat" | "messages";
  readonly of?: GatewayProcess;
}

async function ask(
  model: string,
  asking: Asking = {},
): Promise<{ status: number; text: string; id: string }> {
  const { stream = false, dialect = "chat", of = gateway, key = of.virtualKey } = asking;
  const path = dialect === "chat" ? "/v1/chat/completions" : "/v1/messages";
  const response = await fetch(`${of.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, stream, max_tokens: 50, messages: [{ role: "user", content: "Hello" }] }),
  });
  return {
    status: response.status,
    text: await response.text(),
    id: response.headers.get("x-request-id") ?? "",
  };
}

const waitForLedger = (of: GatewayProcess, condition: (rows: LedgerRows) => boolean): Promise<LedgerRows> =>
  waitFor(of, condition, 20_000);

const isShadow = ({ purpose }: AttemptRow): boolean => purpose === "shadow";

/** The rows of a request and its copy, once both have ended. */
async function ended(id: string): Promise<LedgerRows> {
  const of = ({ attempts, requests }: LedgerRows): LedgerRows => ({
    attempts: attempts.filter((row) => row.request_id === id),
    requests: requests.filter((row) => row.id === id),
  });
  const rows = await waitForLedger(gateway, (all) => {
    const { attempts, requests } = of(all);
    const isOver = [...attempts, ...requests].every(({ outcome }) => outcome !== null);
    return requests.length === 1 && attempts.some(isShadow) && isOver;
  });
  return of(rows);
}

async function keyWith(policy: object): Promise<string> {
  const name = crypto.randomUUID();
  return (await administer("POST", "/admin/v1/keys", { project: "bound", name, policy })).body.key;
}

const copiesTo = (model: string): number => provider.calls.filter((call) => call.model === model).length;

const CHOICE = { index: 0, message: { role: "assistant", content: "A gate" }, finish_reason: "stop" };
const ANSWERED = { id: "c", object: "chat.completion", created: 1, model: "m", choices: [CHOICE] };

describe("a call that is copied", () => {
  test.each([
    ["chat", false],
    ["chat", true],
    ["messages", false],
    ["messages", true],
  ] as const)(
    "%s, streamed: %p: the copy has a row, which is none of its caller's",
    async (dialect, stream) => {
      const answer = await ask("copied", { dialect, stream });
      expect(answer.status).toBe(200);
      const { attempts, requests } = await ended(answer.id);
      expect(attempts.map((row) => [row.ordinal, row.provider, row.purpose, row.outcome])).toEqual(
        expect.arrayContaining([
          [0, "two", "shadow", "ok"],
          [1, "one", null, "ok"],
        ]),
      );
      const copy = attempts.find(isShadow);
      const own = attempts.find((row) => !isShadow(row));
      expect(copy?.cost_nanodollars).toBe(
        3000 * (copy?.input_tokens ?? 0) + 4000 * (copy?.output_tokens ?? 0),
      );
      expect(copy?.billed_nanodollars).toBe(0);
      expect(copy?.first_token_ms).not.toBeNull();
      expect(requests[0]).toMatchObject({
        attempts: 1,
        provider: "one",
        output_tokens: own?.output_tokens ?? 0,
        cost_nanodollars: own?.cost_nanodollars ?? 0,
      });
    },
  );

  test("waits for no copy, and not more of them are made than may be under way", async () => {
    const gate = Promise.withResolvers<void>();
    act = ({ model }) => (model === "n" ? { until: gate.promise } : {});
    const first = await ask("narrow");
    expect(first.status).toBe(200);
    const second = await ask("narrow");
    expect(second.status).toBe(200);
    // Both were answered while the one copy was still under way.
    gate.resolve();
    const { attempts } = await ended(first.id);
    expect(attempts.find(isShadow)?.outcome).toBe("ok");
    expect(copiesTo("n")).toBe(1);
    const { body } = await administer("GET", "/admin/v1/routes/narrow/results");
    expect(body.shadow.dropped).toBe(1);
  });

  test("is one of so many", async () => {
    await Promise.all(Array.from({ length: 300 }, () => ask("seldom")));
    await waitForLedger(gateway, ({ attempts }) =>
      attempts.filter((row) => row.model === "r").every(({ outcome }) => outcome !== null),
    );
    // Of 300 calls with a chance of a fifth: 60, and beyond these bounds once in millions.
    expect(copiesTo("r")).toBeGreaterThan(24);
    expect(copiesTo("r")).toBeLessThan(100);
  });

  test("has nothing to do with how its copy does, nor its copy with it", async () => {
    act = ({ model, key }) => (model === "f" && key === "key-2" ? { status: 500 } : {});
    const well = await ask("failing");
    expect(well.status).toBe(200);
    act = ({ model, key }) => (model === "f" && key === "key-1" ? { status: 400 } : {});
    const refused = await ask("failing");
    expect(refused.status).toBe(400);
    await ended(well.id);
    await ended(refused.id);
    const { body } = await administer("GET", "/admin/v1/routes/failing/results");
    const [target] = body.shadow.targets;
    expect(target.target).toBe("two/f");
    expect(target.outcomes).toEqual({
      both_ok: 0,
      only_shadow_failed: 1,
      only_served_failed: 1,
      both_failed: 0,
    });
    expect([target.shadow.calls, target.shadow.errors, target.served.errors]).toEqual([2, 1, 1]);
  });

  test.each([
    ["tells of a failure beside its answer", { ...ANSWERED, error: { message: "no", code: "server_error" } }],
    ["was broken off", { choices: [{ ...CHOICE, finish_reason: "insufficient_system_resource" }] }],
  ])("has failed as a copy too where a success that is translated %s", async (_what, body) => {
    act = ({ model }) => (model === "s" ? { body } : {});
    const { id, status } = await ask("copied", { dialect: "messages" });
    expect(status).toBe(200);
    const copy = (await ended(id)).attempts.find(isShadow);
    expect(copy).toMatchObject({ outcome: "failed", upstream_status: 200 });
    expect(copy?.error_class).not.toBeNull();
  });

  test("is not copied to where its caller's policy would not have it", async () => {
    const before = copiesTo("s");
    for (const policy of [{ providers: ["one"] }, { regions: ["eu*"] }, { models: ["one/*"] }])
      expect((await ask("copied", { key: await keyWith(policy) })).status).toBe(200);
    const last = await ask("copied", { key: await keyWith({ models: ["copied"] }) });
    await ended(last.id);
    expect(copiesTo("s")).toBe(before + 1);
  });

  test("is paid for by its caller, its copy is not", async () => {
    const budget = { name: "all", amount_usd: "1", window: { kind: "total" } };
    const { id, status } = await ask("copied", { key: await keyWith({ budgets: [budget] }) });
    expect(status).toBe(200);
    const { attempts } = await ended(id);
    const own = attempts.find((row) => !isShadow(row));
    const { body } = await administer("GET", "/admin/v1/budgets?limit=200");
    const spent = body.data.find(({ amount_usd: amount }: { amount_usd: string }) => amount === "1");
    expect(Number(spent.spent_usd)).toBeCloseTo((own?.cost_nanodollars ?? 0) / 1e9, 12);
    expect(Number(spent.reserved_usd)).toBe(0);
    const usage = await administer("GET", "/admin/v1/usage?by=target&project=bound");
    const targets = usage.body.data.map(({ target }: { target: string }) => target);
    expect(targets).toEqual(["one/m"]);
    const explained = await gateway.command("prices", "explain", id);
    expect(explained.stdout).toContain("one/m");
    expect(explained.stdout).not.toContain("two/s");
    const shown = await administer("GET", `/admin/v1/requests/${id}`);
    expect(shown.body.attempts.map(({ purpose }: { purpose: string | null }) => purpose)).toEqual([
      "shadow",
      null,
    ]);
  });
});

test("an experiment's arms, and the shadow of them all, are told side by side", async () => {
  act = ({ model }) => (model === "new" ? { status: 500 } : {});
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask("arms")));
  await waitForLedger(
    gateway,
    ({ attempts, requests }) =>
      requests.filter(({ route, outcome }) => route === "arms" && outcome !== null).length === 40 &&
      attempts.filter((row) => row.model === "a").every(({ outcome }) => outcome !== null),
  );
  const { status, body } = await administer("GET", "/admin/v1/routes/arms/results");
  expect(status).toBe(200);
  const calls = Object.fromEntries(body.arms.map((arm: { arm: string; calls: number }) => [arm.arm, arm]));
  const failed = answers.filter((answer) => answer.status !== 200).length;
  // By key, of which there is one: all went one way.
  const [name, other] = failed === 0 ? ["old", "new"] : ["new", "old"];
  expect(calls[name]).toMatchObject({ calls: 40, errors: failed });
  expect(calls[other]).toBeUndefined();
  expect(body.shadow.targets[0].target).toBe("two/a");
  expect((await administer("GET", "/admin/v1/routes/none/results")).status).toBe(404);
});

describe("the end of the gateway", () => {
  const started: GatewayProcess[] = [];
  afterEach(async () => {
    for (const one of started.splice(0)) await one.dispose();
  });

  async function start(more: { readonly dataFolder?: string } = {}): Promise<GatewayProcess> {
    const one = await startGateway({ configuration: configuration(provider.url), ...more });
    started.push(one);
    return one;
  }

  test("drained: a copy that is under way is given up and not waited for, and its row says so", async () => {
    const own = await start();
    act = ({ model }) => (model === "s" ? { until: new Promise(() => {}) } : {});
    const answer = await ask("copied", { of: own });
    expect(answer.status).toBe(200);
    await waitForLedger(own, ({ attempts }) => attempts.some(isShadow));
    expect(await own.end()).toBe(0);
    const copies = readLedger(own).attempts.filter(isShadow);
    expect(copies.map(({ outcome, billed_nanodollars: billed }) => [outcome, billed])).toEqual([
      ["interrupted", 0],
    ]);
  });

  test("killed: the next start ends its row, once, and the call's own is as it was", async () => {
    const own = await start();
    act = ({ model }) => (model === "s" ? { delayMs: 20_000 } : {});
    const { id } = await ask("copied", { of: own });
    await waitForLedger(
      own,
      ({ attempts, requests }) =>
        attempts.some(isShadow) && requests.every(({ outcome }) => outcome !== null),
    );
    await own.end("SIGKILL");
    const again = await start({ dataFolder: own.dataFolder });
    const { attempts, requests } = await waitForLedger(again, ({ attempts: rows, requests: own }) =>
      [...rows, ...own].every(({ outcome }) => outcome !== null),
    );
    expect(attempts.filter(isShadow).map(({ outcome, billed_nanodollars: b }) => [outcome, b])).toEqual([
      ["interrupted", 0],
    ]);
    expect(requests.filter((row) => row.id === id).map((row) => [row.outcome, row.attempts])).toEqual([
      ["ok", 1],
    ]);
  });
});
