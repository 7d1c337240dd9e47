import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { journalLines, journalOf, readJournal } from "../gateway/journal-lines.ts";
import {
  type Callee,
  makeCall,
  metric,
  type NumberedCall,
  nameIn,
  nameOf,
  pricedConfiguration,
  type Told,
} from "../gateway/numbered-calls.ts";
import { startWatchingProvider } from "../gateway/watching-provider.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** Promise 1: no byte goes to a provider before the attempt's ledger row is written to the journal. */

setDefaultTimeout(60_000);

const SHAPES = [
  { contract: "openai-chat", stream: false },
  { contract: "openai-chat", stream: true },
  { contract: "generate", stream: false },
  { contract: "generate", stream: true },
] as const;

describe.each(["process", "disk"] as const)("with durability %s", (durability) => {
  test("the journal holds the row of every call whose first byte reaches the provider", async () => {
    /** For each call, the lines that were in the journal at its first byte. */
    const seen = new Map<string, readonly string[]>();
    let folder = "";
    const provider = startWatchingProvider({
      onFirstByte: () => journalLines(folder),
      onRequest: (text, lines) => seen.set(nameIn({ bodyText: text }), lines),
    });
    const gateway = await startGateway({
      configuration: pricedConfiguration(
        provider.url,
        ["watched"],
        `ledger: { durability: ${durability} }\n`,
      ),
    });
    folder = gateway.dataFolder;
    try {
      const calls = Array.from({ length: 160 }, (_, index) => call(index + 1));
      const told = await atOnce(8, calls, (each) => makeCall(gateway, each));
      expect(told.filter(({ status, isWhole }) => status !== 200 || !isWhole)).toEqual([]);
      expect(seen.size).toBe(calls.length);
      for (const { number } of calls) {
        const opening = seen.get(nameOf(number))?.find((line) => line.includes(`"${nameOf(number)}"`));
        expect(opening, nameOf(number)).toStartWith('{"kind":"open"');
      }
    } finally {
      await gateway.dispose();
      provider.stop();
    }
  });

  test("a gateway killed at the first byte has the row, and charges the prompt as interrupted", async () => {
    let gateway: GatewayProcess | undefined;
    const provider = startWatchingProvider({
      onFirstByte: () => {
        if (gateway !== undefined) process.kill(gateway.pid, "SIGKILL");
      },
      answers: false,
    });
    const configuration = pricedConfiguration(
      provider.url,
      ["watched"],
      `ledger: { durability: ${durability} }\n`,
    );
    const first = await startGateway({ configuration });
    const { dataFolder, virtualKey } = first;
    try {
      gateway = first;
      for (const [index, shape] of SHAPES.entries()) {
        const running: GatewayProcess = gateway ?? first;
        const callee: Callee = { url: running.url, virtualKey };
        const told = await makeCall(callee, { number: index + 1, model: "watched", ...shape });
        expect(told.status).toBe(0);
        await running.end("SIGKILL");
        const opened = readJournal(dataFolder).flatMap((record) =>
          record.kind === "open" ? [record.request.endUser] : [],
        );
        expect(opened).toContain(nameOf(index + 1));
        gateway = await startGateway({ dataFolder, configuration });
      }
      const { attempts, requests } = await waitForLedger(
        gateway,
        (rows) => rows.attempts.filter(({ outcome }) => outcome !== null).length === SHAPES.length,
      );
      for (const row of attempts) {
        expect(row).toMatchObject({ outcome: "interrupted", usage_source: "estimated", output_tokens: 0 });
        expect(row.cost_nanodollars).toBe(Math.ceil(row.body_bytes / 4) * 1000);
      }
      expect(requests.map(({ end_user, outcome, attempts: made }) => [end_user, outcome, made])).toEqual(
        SHAPES.map((_, index) => [nameOf(index + 1), "interrupted", 1]),
      );
    } finally {
      await gateway?.end("SIGKILL");
      rmSync(dataFolder, { recursive: true, force: true });
      provider.stop();
    }
  });
});

describe("while the journal can't be written, nobody is called", () => {
  let upstream: ReplayServer;
  beforeAll(async () => {
    upstream = await startReplayServer();
  });
  afterAll(() => upstream.stop());

  test.skipIf(Bun.which("prlimit") === null)(
    "because the disk refuses (a limit on the size of files)",
    async () => {
      const gateway = await startGateway({ configuration: pricedConfiguration(upstream.url, ["any"]) });
      try {
        expect((await makeCall(gateway, call(1, "any"))).status).toBe(200);
        await waitUntil(async () => (await metric(gateway, "gatehouse_journal_lag_bytes")) === 0);
        limitFiles(gateway, String(currentSegmentBytes(gateway) + 100));
        await expectRefused(gateway, 100);
        limitFiles(gateway, "unlimited");
        await expectHealed(gateway, 200);
        // The ends of refused calls were kept while the disk refused, and no line was left torn.
        const { attempts, requests } = await waitForLedger(
          gateway,
          (rows) =>
            rows.requests.some(({ end_user }) => end_user === nameOf(200)) &&
            [...rows.attempts, ...rows.requests].every(({ outcome }) => outcome !== null),
        );
        expect(attempts.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
        expect(requests.filter(({ outcome }) => outcome === null)).toEqual([]);
        const refused = requests.filter(({ error_code }) => error_code === "journal_unavailable");
        expect(refused.length).toBeGreaterThanOrEqual(SHAPES.length);
        expect(new Set(refused.map(({ attempts: made }) => made))).toEqual(new Set([0]));
        expect(readdirSync(journalOf(gateway.dataFolder))).not.toContain("rejected.jsonl");
      } finally {
        await gateway.dispose();
      }
    },
  );

  test("because the store is locked until the journal has reached its bound", async () => {
    const gateway = await startGateway({
      configuration: pricedConfiguration(upstream.url, ["any"], "ledger: { journal_bytes: 1048576 }\n"),
    });
    const store = new Database(join(gateway.dataFolder, "data", "gatehouse.db"));
    try {
      store.run("begin exclusive");
      const made = await callUntilRefused(gateway);
      expect(await metric(gateway, "gatehouse_journal_lag_bytes")).toBeGreaterThan(1024 * 1024);
      await expectRefused(gateway, 20_000);
      store.run("rollback");
      await expectHealed(gateway, 30_000);
      const rows = await waitForLedger(
        gateway,
        ({ attempts }) => attempts.filter(({ outcome }) => outcome === "ok").length >= made + 1,
        10_000,
      );
      expect(rows.attempts.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    } finally {
      store.close();
      await gateway.dispose();
    }
  });

  test("and what is refused does not lengthen a journal that is at its bound", async () => {
    const gateway = await startGateway({
      configuration: pricedConfiguration(upstream.url, ["any"], "ledger: { journal_bytes: 1048576 }\n"),
    });
    const store = new Database(join(gateway.dataFolder, "data", "gatehouse.db"));
    try {
      store.run("begin exclusive");
      await callUntilRefused(gateway);
      const before = currentSegmentBytes(gateway);
      await atOnce(8, numbered(20_000, 100), (each) => makeCall(gateway, each));
      expect(currentSegmentBytes(gateway) - before).toBeLessThan(2000);
    } finally {
      store.close();
      await gateway.dispose();
    }
  });

  /** Fills the journal with long rows; gives how many calls were made. */
  async function callUntilRefused(gateway: GatewayProcess): Promise<number> {
    const body = {
      model: `replay/${"m".repeat(480)}`,
      user: "u".repeat(512),
      messages: [{ role: "user", content: "hello" }],
    };
    let made = 0;
    await atOnce(8, numbered(0, 2000), async () => {
      const { status } = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gateway.virtualKey}` },
        body: JSON.stringify(body),
      });
      if (status === 200) made++;
      return status === 200;
    });
    return made;
  }

  async function expectRefused(gateway: GatewayProcess, from: number): Promise<void> {
    await makeCall(gateway, call(from, "any"));
    await upstream.clearCalls();
    for (const [index, shape] of SHAPES.entries()) {
      const told = await makeCall(gateway, { number: from + 1 + index, model: "any", ...shape });
      expect(told).toMatchObject({ status: 503, isWhole: true });
      const { error } = JSON.parse(told.text);
      expect(error.code).toBe("journal_unavailable");
      expect(told.text).toContain("The operator must");
    }
    expect(await upstream.callCount()).toBe(0);
    expect(await metric(gateway, 'gatehouse_errors_total{code="journal_unavailable"}')).toBeGreaterThan(3);
    expect(await metric(gateway, 'gatehouse_upstream_in_flight{provider="replay"}')).toBe(0);
    expect(await metric(gateway, "gatehouse_in_flight")).toBe(0);
  }

  async function expectHealed(gateway: GatewayProcess, number: number): Promise<void> {
    await waitUntil(
      async () => (await makeCall(gateway, call(number, "any"))).status === 200,
      10_000,
      "calls",
    );
    await upstream.waitForCalls((calls) => calls.some((seen) => nameIn(seen) === nameOf(number)));
  }
});

function call(number: number, model = "watched"): NumberedCall {
  const shape = SHAPES[number % SHAPES.length];
  if (shape === undefined) throw new Error("no shape");
  return { number, model, ...shape };
}

function numbered(first: number, count: number): NumberedCall[] {
  return Array.from({ length: count }, (_, index) => call(first + index, "any"));
}

/** Makes calls, so many at a time, until all are made or one gives `false`. */
async function atOnce<Result extends Told | boolean>(
  width: number,
  calls: readonly NumberedCall[],
  make: (call: NumberedCall) => Promise<Result>,
): Promise<Result[]> {
  const waiting = [...calls];
  const results: Result[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await make(next);
      results.push(result);
      if (result === false) return;
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

function currentSegmentBytes({ dataFolder }: GatewayProcess): number {
  const folder = journalOf(dataFolder);
  const last = readdirSync(folder)
    .filter((name) => /^\d+\.jsonl$/.test(name))
    .sort()
    .at(-1);
  return last === undefined ? 0 : statSync(join(folder, last)).size;
}

/** Beyond it the kernel refuses to lengthen a file, as a full disk does. */
function limitFiles({ pid }: GatewayProcess, bytes: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["prlimit", "--pid", String(pid), `--fsize=${bytes}:unlimited`]);
  if (exitCode !== 0) throw new Error(`prlimit: ${stderr.toString()}`);
}
