import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metric } from "../gateway/numbered-calls.ts";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { valueAt } from "../process/json.ts";
import { type LedgerRows, waitForLedger } from "../process/ledger-rows.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";
import { type HeldProvider, startHeldProvider } from "./held-provider.ts";
import { call, isWell, type LiveGateway, liveGateway, startLoad } from "./live-gateway.ts";

/** The configuration changes under load, by the file, the API and the command line, and no call notices. */

setDefaultTimeout(90_000);

let one: ReplayServer;
let two: ReplayServer;
let holding: HeldProvider;

beforeAll(async () => {
  [one, two, holding] = await Promise.all([startReplayServer(), startReplayServer(), startHeldProvider()]);
});
afterAll(() => Promise.all([one.stop(), two.stop(), holding.stop()]));

/** Two providers behind an alias; `more` goes to the end. */
function configuration(at: { first: string; second?: string }, more = ""): string {
  const second = at.second ?? two.url;
  return [
    "providers:",
    `  first: { dialect: openai-chat, base_url: ${at.first}/v1, key: sk-first }`,
    `  second: { dialect: openai-chat, base_url: ${second}/v1, key: sk-second }`,
    "routes:",
    "  fast: { strategy: weighted, targets: [first/x, second/x] }",
    more,
  ].join("\n");
}

async function live(text: string): Promise<LiveGateway> {
  return liveGateway(await startGateway({ configuration: text }));
}

describe("under load", () => {
  test("50 changes by file, API and command line fail no call, and each is in force when it says so", async () => {
    const changed = await live(configuration({ first: one.url }));
    const { gateway, administer } = changed;
    try {
      const load = startLoad(gateway, "fast", 8);
      let revision = 1;
      let first = one.url;
      for (let change = 1; change <= 50; change++) {
        const more = `timeouts: { total_ms: ${60_000 + change} }\nprices: { first/x: { input: ${change}, output: 2 } }\n`;
        const made = load.made();
        if (change % 25 === 0) {
          const { exitCode, stdout } = await gateway.command("config", "rollback", "1", "--note", "enough");
          expect([exitCode, stdout]).toEqual([0, `Revision ${revision + 1} is in force.\n`]);
          first = one.url;
        } else if (change % 2 === 0) {
          const text = configuration({ first }, more);
          const applied = await administer("POST", "/admin/v1/config/apply", { text });
          expect([applied.status, valueAt(applied.body, "state"), valueAt(applied.body, "source")]).toEqual([
            200,
            "applied",
            "api",
          ]);
        } else {
          // Every other time the first provider moves to another server.
          first = change % 4 === 1 ? two.url : one.url;
          await changed.writeAndWait(configuration({ first }, more));
        }
        expect(await changed.revision()).toBe(++revision);
        // Eight clients: of nine calls at least one began after the change.
        await waitUntil(() => load.made() > made + 8, 20_000, "calls after the change");
      }
      const calls = load.made();
      expect(await load.stop()).toEqual([]);
      expect(calls).toBeGreaterThan(50 * 8);
      const isMoved = ({ requests }: LedgerRows) =>
        requests.filter(({ outcome }) => outcome !== null).length >= calls;
      const { attempts } = await waitForLedger(gateway, isMoved, 30_000);
      expect(attempts.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    } finally {
      await gateway.dispose();
    }
  });

  test("a broken file fails no call, is told with its line, path and mend wherever one looks, and heals", async () => {
    const changed = await live(configuration({ first: one.url }));
    const { gateway, administer } = changed;
    const series = 'gatehouse_configuration_problem{line="2",path="providers.first.base_url"}';
    try {
      const load = startLoad(gateway, "fast", 4);
      changed.write(configuration({ first: "ftp://nowhere" }));
      await waitUntil(async () => (await metric(gateway, series)) === 1, 10_000, "the problem's metric");
      const made = load.made();
      await waitUntil(() => load.made() > made + 20, 10_000, "calls");
      const problem = {
        line: 2,
        path: "providers.first.base_url",
        mend: expect.stringContaining("Write the address up to"),
      };
      const ready = await fetch(`${gateway.url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: "ready", configuration: { revision: 1, not_in_force_because: [problem] } },
      ]);
      const { body } = await administer("GET", "/admin/v1/config");
      expect(body).toMatchObject({ revision: 1, problems: [problem] });
      const listed = await gateway.command("config", "revisions");
      expect([listed.exitCode, listed.stdout.split("\n").length]).toEqual([1, 3]);
      expect(listed.stderr).toContain(":2:44  providers.first.base_url: must be an http or https address");
      await waitUntil(() => gateway.log().includes("configuration not taken in"));
      expect(gateway.log()).toContain('"line":2,"path":"providers.first.base_url"');
      await changed.writeAndWait(configuration({ first: two.url }));
      expect(await metric(gateway, series)).toBeUndefined();
      expect(await (await fetch(`${gateway.url}/health/ready`)).json()).toEqual({ status: "ready" });
      await waitUntil(() => gateway.log().includes("configuration mended"));
      expect(await load.stop()).toEqual([]);
    } finally {
      await gateway.dispose();
    }
  });

  test("a target that is taken out drains: its streams end well, then its connections are closed", async () => {
    const changed = await live(configuration({ first: one.url, second: holding.url }));
    const { gateway } = changed;
    try {
      const streams = Array.from({ length: 5 }, () => call(gateway, "second/x", true));
      await waitUntil(() => holding.held() === 5, 20_000, "streams");
      await changed.writeAndWait(configuration({ first: one.url, second: two.url }));
      await two.clearCalls();
      expect((await call(gateway, "second/x")).status).toBe(200);
      expect([await two.callCount(), holding.held(), await holding.connections()]).toEqual([1, 5, 5]);
      holding.release();
      for (const told of await Promise.all(streams)) expect(isWell(told, true)).toBe(true);
      await waitUntil(async () => (await holding.connections()) === 0, 20_000, "closed connections");
    } finally {
      holding.release();
      await gateway.dispose();
    }
  });
});

describe("a revision", () => {
  test("is listed with who, when and digest, compared, and rolled back", async () => {
    const first = configuration({ first: one.url });
    const changed = await live(first);
    const { gateway, administer } = changed;
    try {
      await changed.writeAndWait(configuration({ first: two.url }));
      const { body } = await administer("GET", "/admin/v1/config/revisions");
      expect(valueAt(body, "data")).toMatchObject([
        { number: 2, source: "file", state: "applied", made_by: { kind: "gateway" }, restores: null },
        { number: 1, digest: new Bun.CryptoHasher("sha256").update(first).digest("hex") },
      ]);
      const difference = await administer("GET", "/admin/v1/config/diff");
      expect(difference.body).toMatchObject({ from: 1, to: 2 });
      expect(valueAt(difference.body, "diff")).toContain(
        `\n-  first: { dialect: openai-chat, base_url: ${one.url}/v1, key: ******** }\n`,
      );
      expect(valueAt(difference.body, "diff")).toContain(
        `\n+  first: { dialect: openai-chat, base_url: ${two.url}/v1, key: ******** }\n`,
      );
      await one.clearCalls();
      expect((await call(gateway, "first/x")).status).toBe(200);
      expect(await one.callCount()).toBe(0);
      // A text that came over the network moves no secret; one that was in force on this machine already may come back.
      const stale = await administer("POST", "/admin/v1/config/rollback", { revision: 1 });
      expect([stale.status, valueAt(stale.body, "error", "code")]).toEqual([412, "stale_revision"]);
      const rolled = await gateway.command("config", "rollback", "--json");
      expect(JSON.parse(rolled.stdout)).toMatchObject({ number: 3, restores: 1, state: "applied" });
      expect((await call(gateway, "first/x")).status).toBe(200);
      expect(await one.callCount()).toBe(1);
      const audit = await administer("GET", "/admin/v1/audit-log?resource=configuration&limit=1");
      expect(valueAt(audit.body, "data")).toMatchObject([{ action: "rollback", resource_id: "3" }]);
      const shown = await gateway.command("config", "show", "3");
      expect(shown.stdout).toContain("key: ********");
      expect(JSON.stringify([body, difference.body, audit.body]) + shown.stdout).not.toContain("sk-first");
    } finally {
      await gateway.dispose();
    }
  });

  test("made by the command line while no gateway runs is what the next start runs; the file takes over when it changes", async () => {
    const changed = await live(configuration({ first: one.url }));
    const { gateway } = changed;
    const other = join(gateway.dataFolder, "other.yaml");
    try {
      expect(await gateway.end()).toBe(0);
      writeFileSync(other, configuration({ first: two.url }));
      const applied = await gateway.command("config", "apply", other, "--note", "moved");
      expect(applied.stdout).toBe("Revision 2 is stored; the next start runs it.\n");
      const environment = { GATEHOUSE_CONFIG: join(gateway.dataFolder, "gatehouse.yaml") };
      const again = await startGateway({ dataFolder: gateway.dataFolder, environment });
      const { virtualKey, adminKey } = gateway;
      const callee = { ...again, virtualKey, adminKey };
      await one.clearCalls();
      expect((await call(callee, "first/x")).status).toBe(200);
      expect(await one.callCount()).toBe(0);
      const models = await again.command("config", "diff");
      expect(models.stdout).toContain(`-  first: { dialect: openai-chat, base_url: ${two.url}/v1`);
      const next = liveGateway(callee);
      await next.writeAndWait(configuration({ first: one.url }, "default_model: fast\n"));
      expect((await call(callee, "first/x")).status).toBe(200);
      expect(await one.callCount()).toBe(1);
      await again.end("SIGKILL");
    } finally {
      await gateway.dispose();
    }
  });

  test("runs again after a restart where the file is broken meanwhile, and the start says so", async () => {
    const changed = await live(configuration({ first: one.url }));
    const { gateway } = changed;
    try {
      expect(await gateway.end()).toBe(0);
      changed.write(configuration({ first: "ftp://nowhere" }));
      const environment = { GATEHOUSE_CONFIG: join(gateway.dataFolder, "gatehouse.yaml") };
      const again = await startGateway({ dataFolder: gateway.dataFolder, environment });
      await waitUntil(() => again.printed.includes("is in force until this is mended"));
      expect(again.printed).toContain("gatehouse.yaml:2:44  providers.first.base_url");
      expect((await call({ ...again, virtualKey: gateway.virtualKey }, "fast")).status).toBe(200);
      await again.end("SIGKILL");
    } finally {
      await gateway.dispose();
    }
  });

  test("follows a file that is taken away only at the next start", async () => {
    const changed = await live(configuration({ first: one.url }));
    const { gateway } = changed;
    try {
      rmSync(join(gateway.dataFolder, "gatehouse.yaml"));
      await waitUntil(() => gateway.log().includes("configuration not taken in"), 10_000);
      expect((await call(gateway, "fast")).status).toBe(200);
      expect(await changed.revision()).toBe(1);
    } finally {
      await gateway.dispose();
    }
  });

  test("takes in a secret's file that was changed, and tells what needs a restart", async () => {
    const changed = await live(configuration({ first: one.url }));
    const { gateway, administer } = changed;
    const keyFile = join(gateway.dataFolder, "first.key");
    try {
      writeFileSync(keyFile, "sk-from-file-1");
      const text = configuration({ first: one.url }).replace("key: sk-first", "key: file:first.key");
      await changed.writeAndWait(`${text}server: { port: 1 }\nledger: { durability: disk }\n`);
      const { body } = await administer("GET", "/admin/v1/config");
      expect(valueAt(body, "needs_restart")).toEqual(["ledger.durability"]);
      await one.clearCalls();
      writeFileSync(keyFile, "sk-from-file-2");
      await waitUntil(async () => {
        await call(gateway, "first/x");
        const sent = JSON.stringify((await one.calls()).at(-1)?.headers);
        return sent.includes("sk-from-file-2");
      }, 10_000);
      expect(await changed.revision()).toBe(2);
    } finally {
      await gateway.dispose();
    }
  });

  test("changes the trusted hosts and origins, the calls at once and the prices without a restart", async () => {
    const changed = await live(configuration({ first: one.url, second: holding.url }));
    const { gateway } = changed;
    const asked = (headers: Record<string, string>) =>
      fetch(`${gateway.url}/v1/models`, {
        headers: { authorization: `Bearer ${gateway.virtualKey}`, ...headers },
      });
    try {
      const origin = "https://app.example.com";
      expect((await asked({ origin })).status).toBe(403);
      const more = [
        `server: { cors: { origins: ["${origin}"] } }`,
        "limits: { max_in_flight: 1 }",
        "prices: { first/x: { input: 1000000, output: 1000000 } }",
        "",
      ].join("\n");
      await call(gateway, "first/x");
      await changed.writeAndWait(configuration({ first: one.url, second: holding.url }, more));
      expect((await asked({ origin })).headers.get("access-control-allow-origin")).toBe(origin);
      const slow = call(gateway, "second/x", true);
      await waitUntil(() => holding.held() === 1, 20_000, "the stream");
      expect(await metric(gateway, "gatehouse_in_flight")).toBe(1);
      expect((await call(gateway, "first/x")).status).toBe(503);
      holding.release();
      await slow;
      await call(gateway, "first/x");
      const { attempts } = await waitForLedger(
        gateway,
        ({ attempts: rows }) => rows.length === 3 && rows.every((row) => row.outcome !== null),
        20_000,
      );
      const costs = attempts
        .filter(({ provider }) => provider === "first")
        .map((row) => row.cost_nanodollars);
      expect([costs[0] === null, costs[1] === null]).toEqual([true, false]);
    } finally {
      await gateway.dispose();
    }
  });
});

test("a first start with a configuration that can't run leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-test-"));
  try {
    const start = startGateway({
      dataFolder: folder,
      configuration: configuration({ first: "ftp://nowhere" }),
    });
    const failure = await start.catch((thrown: unknown) => String(thrown));
    expect(failure).toContain("providers.first.base_url");
    expect(failure).toContain("not started");
    expect(readdirSync(folder)).toEqual(["gatehouse.yaml"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
