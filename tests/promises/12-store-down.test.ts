import { Database } from "bun:sqlite";
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import {
  type Callee,
  makeCall,
  metric,
  type NumberedCall,
  nameOf,
  pricedConfiguration,
} from "../gateway/numbered-calls.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { type LedgerRows, readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** Promise 12: a store that is down is explicit and heals without a restart. Here another process locks it. */

setDefaultTimeout(60_000);

const CLIENTS = 6;
const LAG_BYTES = "gatehouse_journal_lag_bytes";
const LAG_SECONDS = "gatehouse_journal_lag_seconds";

let upstream: ReplayServer;
beforeAll(async () => {
  upstream = await startReplayServer();
});
beforeEach(() => upstream.clearCalls());
afterAll(() => upstream.stop());

test("calls go on while the store is locked, the metrics tell, and every row appears after", async () => {
  const gateway = await startGateway({ configuration: configuration() });
  const store = openStore(gateway);
  try {
    const load = startLoad(gateway);
    await waitForLedger(gateway, ({ attempts }) => attempts.length > CLIENTS);
    store.run("begin exclusive");
    const before = readLedger(gateway).attempts.length;
    const calledBefore = load.made();
    await Bun.sleep(2500);
    expect(load.made() - calledBefore).toBeGreaterThan(CLIENTS * 10);
    expect(readLedger(gateway).attempts.length).toBe(before);
    expect(await metric(gateway, LAG_BYTES)).toBeGreaterThan(10_000);
    expect(await metric(gateway, LAG_SECONDS)).toBeGreaterThan(2);
    store.run("rollback");
    await waitForLedger(gateway, ({ attempts }) => attempts.length > before, 4000);
    const made = await load.stop();
    await waitUntil(async () => (await metric(gateway, LAG_BYTES)) === 0, 5000, "the writer");
    expect(await metric(gateway, LAG_SECONDS)).toBe(0);
    expectAllOf(made, readLedger(gateway));
    expect(await upstream.callCount()).toBe(made);
    const outcomes = await metric(
      gateway,
      'gatehouse_attempts_total{provider="replay",model="any",outcome="ok"}',
    );
    expect(outcomes).toBe(made);
  } finally {
    store.close();
    await gateway.dispose();
  }
});

test("what was only in the journal when the gateway was killed is in the store after the next start", async () => {
  const gateway = await startGateway({ configuration: configuration() });
  const store = openStore(gateway);
  try {
    store.run("begin exclusive");
    const load = startLoad(gateway);
    await Bun.sleep(800);
    const made = await load.stop();
    await gateway.end("SIGKILL");
    expect(readLedger(gateway).attempts).toEqual([]);
    store.run("rollback");
    await expectAfterNextStart(gateway, made);
  } finally {
    store.close();
    await gateway.dispose();
  }
});

test("a gateway that is started while the store is locked takes calls at once", async () => {
  const first = await startGateway({ configuration: configuration() });
  const store = openStore(first);
  try {
    expect(await first.end("SIGTERM")).toBe(0);
    store.run("begin exclusive");
    const { dataFolder, virtualKey } = first;
    const again = await startGateway({ dataFolder, configuration: configuration() });
    const load = startLoad({ url: again.url, virtualKey });
    await Bun.sleep(500);
    const made = await load.stop();
    expect(made).toBeGreaterThan(CLIENTS);
    expect(readLedger(again).attempts).toEqual([]);
    store.run("rollback");
    expectAllOf(made, await waitForLedger(again, (rows) => areAllEnded(rows, made)));
    expect(await again.end("SIGTERM")).toBe(0);
  } finally {
    store.close();
    await first.dispose();
  }
});

test("a gateway told to stop does not wait for ever, and loses nothing", async () => {
  const gateway = await startGateway({ configuration: configuration() });
  const store = openStore(gateway);
  try {
    store.run("begin exclusive");
    const load = startLoad(gateway);
    await Bun.sleep(500);
    const made = await load.stop();
    const beganMs = performance.now();
    expect(await gateway.end("SIGTERM")).toBe(0);
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    store.run("rollback");
    await expectAfterNextStart(gateway, made);
  } finally {
    store.close();
    await gateway.dispose();
  }
});

function configuration(): string {
  return pricedConfiguration(upstream.url, ["any"]);
}

/** The store as another process holds it. */
function openStore(gateway: GatewayProcess): Database {
  return new Database(join(gateway.dataFolder, "data", "gatehouse.db"));
}

/** Calls without end, each of which must be answered. */
function startLoad(callee: Callee): { made(): number; stop(): Promise<number> } {
  let number = 0;
  let made = 0;
  let isOver = false;
  const client = async (index: number): Promise<void> => {
    while (!isOver) {
      const call: NumberedCall = {
        number: ++number,
        model: "any",
        contract: index % 2 === 0 ? "openai-chat" : "generate",
        stream: index % 3 === 0,
      };
      const told = await makeCall(callee, call);
      if (told.status !== 200 || !told.isWhole) throw new Error(`${told.status} ${told.text}`);
      made++;
      await Bun.sleep(5);
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  return {
    made: () => made,
    async stop() {
      isOver = true;
      await clients;
      return made;
    },
  };
}

async function expectAfterNextStart(ended: GatewayProcess, made: number): Promise<void> {
  const { dataFolder } = ended;
  const again = await startGateway({ dataFolder, configuration: configuration() });
  try {
    const rows = await waitForLedger(again, (rows) => areAllEnded(rows, made));
    expectAllOf(made, rows);
  } finally {
    await again.end("SIGKILL");
  }
}

/** Both tables must say so: they are read one after the other, and the writer may have been between. */
function areAllEnded({ attempts, requests }: LedgerRows, made: number): boolean {
  return requests.length >= made && [...attempts, ...requests].every(({ outcome }) => outcome !== null);
}

/** One row for each call, with the usage that the provider reported. */
function expectAllOf(made: number, { attempts, requests }: LedgerRows): void {
  const ends = attempts.map(({ outcome, input_tokens, output_tokens, cost_nanodollars }) =>
    [outcome, input_tokens, output_tokens, cost_nanodollars].join(" "),
  );
  expect(new Set(ends)).toEqual(new Set(["ok 14 15 44000"]));
  expect(attempts).toHaveLength(made);
  expect(requests.map(({ end_user }) => end_user).sort()).toEqual(
    Array.from({ length: made }, (_, index) => nameOf(index + 1)).sort(),
  );
  expect(requests.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
}
