import { Database } from "bun:sqlite";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AttemptRow } from "../../src/storage/schema.ts";
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
import { Seeded } from "../gateway/seeded.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { type LedgerRows, readLedger } from "../process/ledger-rows.ts";
import { type CallRecord, type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";

/**
 * Promise 2: every attempt ends in one of `ok, failed, interrupted, cancelled, blocked` and is charged at most once.
 * `kill -9` under load loses and doubles nothing.
 */

const ROUNDS = 20;
const CLIENTS = 12;
const LIMIT_MS = 120_000;

/** A kind of call: how the provider answers, and what its row may then say, beside `interrupted`. */
interface Kind {
  readonly scenario: Scenario;
  readonly contracts: readonly NumberedCall["contract"][];
  readonly streams: readonly boolean[];
  readonly leaves?: true;
  readonly outcome: "ok" | "failed" | "cancelled";
  /** Input and output tokens that the recording reports. */
  readonly reported?: readonly [input: number, output: number];
}

const BOTH = ["openai-chat", "generate"] as const;
const EITHER = [true, false] as const;
const NO_USAGE = { kind: "stream-recording", recording: "openai/openai-chat-no-usage" } as const;

const KINDS: Readonly<Record<string, Kind>> = {
  quick: { scenario: {}, contracts: BOTH, streams: EITHER, outcome: "ok", reported: [14, 15] },
  slow: {
    scenario: { body: { kind: "stream-recording", recording: "openai/openai-chat-usage" }, paceMs: 8 },
    contracts: BOTH,
    streams: [true],
    outcome: "ok",
    reported: [1036, 7],
  },
  late: {
    scenario: { delayBeforeHeadersMs: 40 },
    contracts: BOTH,
    streams: EITHER,
    outcome: "ok",
    reported: [14, 15],
  },
  unreported: {
    scenario: { body: NO_USAGE, paceMs: 3 },
    contracts: ["openai-chat"],
    streams: [true],
    outcome: "ok",
  },
  refused: {
    scenario: { status: 400, body: { kind: "recording", recording: "openai/openai-error-400" } },
    contracts: BOTH,
    streams: EITHER,
    outcome: "failed",
  },
  broken: {
    scenario: { status: 500, body: { kind: "recording", recording: "openai/openai-error-500" } },
    contracts: BOTH,
    streams: EITHER,
    outcome: "failed",
  },
  breaking: {
    scenario: { body: NO_USAGE, paceMs: 3, fault: { kind: "error-mid-stream", afterEvents: 4 } },
    contracts: BOTH,
    streams: [true],
    outcome: "failed",
  },
  reset: {
    scenario: { body: NO_USAGE, fault: { kind: "reset-at-byte", bytes: 900 } },
    contracts: BOTH,
    streams: [true],
    outcome: "failed",
  },
  dropped: {
    scenario: { fault: { kind: "close-before-headers" } },
    contracts: BOTH,
    streams: EITHER,
    outcome: "failed",
  },
  hanging: {
    scenario: { body: NO_USAGE, fault: { kind: "hang-mid-stream", afterEvents: 4 } },
    contracts: BOTH,
    streams: [true],
    leaves: true,
    outcome: "cancelled",
  },
  thinking: {
    scenario: { fault: { kind: "hang-before-headers" } },
    contracts: BOTH,
    streams: EITHER,
    leaves: true,
    outcome: "cancelled",
  },
};
const NAMES = Object.keys(KINDS);

let upstream: ReplayServer;

beforeAll(async () => {
  upstream = await startReplayServer();
  await upstream.scenarios(
    Object.fromEntries(Object.entries(KINDS).map(([name, { scenario }]) => [name, scenario])),
  );
});
beforeEach(() => upstream.clearCalls());
afterAll(() => upstream.stop());

/** Clients that call one after the other until they are told to stop, or nobody answers. */
class Load {
  readonly made = new Map<string, { readonly call: NumberedCall; readonly told: Told }>();
  readonly #random: Seeded;
  readonly #names: readonly string[];
  #number = 0;
  #isOver = false;
  #clients: Promise<void>[] = [];

  constructor(random: Seeded, names: readonly string[]) {
    this.#random = random;
    this.#names = names;
  }

  start(callee: Callee): void {
    this.#isOver = false;
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client(callee));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #client(callee: Callee): Promise<void> {
    while (!this.#isOver) {
      const call = this.#nextCall();
      const told = await makeCall(callee, call);
      this.made.set(nameOf(call.number), { call, told });
      // A little air: what is proved is the order of things, not how much the machine bears.
      await Bun.sleep(4);
    }
  }

  #nextCall(): NumberedCall {
    const model = this.#random.pick(this.#names);
    const { contracts, streams, leaves } = kindOf(model);
    return {
      number: ++this.#number,
      model,
      contract: this.#random.pick(contracts),
      stream: this.#random.pick(streams),
      ...(leaves === undefined ? {} : { leaveAfterMs: this.#random.between(5, 150) }),
    };
  }
}

test(
  `${ROUNDS} rounds of kill -9 under load lose and double nothing`,
  async () => {
    const random = new Seeded(20_261_101);
    const load = new Load(random, NAMES);
    let gateway = await startGateway({ configuration: configuration("process") });
    const { dataFolder, virtualKey, adminKey } = gateway;
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        load.start({ url: gateway.url, virtualKey });
        await Bun.sleep(random.between(5, 500));
        await gateway.end("SIGKILL");
        await load.stop();
        gateway = await startGateway({
          dataFolder,
          configuration: configuration(round % 4 === 0 ? "disk" : "process"),
        });
      }
      await waitUntil(
        async () => (await metric({ url: gateway.url, adminKey }, "gatehouse_journal_lag_bytes")) === 0,
        10_000,
        "the writer",
      );
      const rows = readLedger(gateway);
      const calls = await upstream.calls();
      expect(calls.length).toBeGreaterThan(ROUNDS * CLIENTS);
      expectOneRowForEach(calls, rows);
      for (const attempt of rows.attempts) expectConsistent(attempt, rows);
      expectWhatClientsWereTold(load, rows);
      const outcomes = rows.attempts.map(({ outcome }) => outcome);
      expect(new Set(outcomes)).toEqual(new Set(["ok", "failed", "cancelled", "interrupted"]));
      // At most one for each client and kill.
      expect(outcomes.filter((outcome) => outcome === "interrupted").length).toBeLessThanOrEqual(
        ROUNDS * CLIENTS,
      );
      await expectSumOf(rows.attempts, gateway);
      expectNothingSetAside(dataFolder);
      expect(await gateway.end("SIGTERM")).toBe(0);
      expect(readLedger(gateway)).toEqual(rows);
    } finally {
      await gateway.end("SIGKILL");
      rmSync(dataFolder, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);

test(
  "SIGTERM under load leaves nothing unsettled and cuts nothing off",
  async () => {
    const random = new Seeded(7);
    for (const delayMs of [150, 400]) {
      await upstream.clearCalls();
      const load = new Load(random, NAMES);
      const gateway = await startGateway({ configuration: configuration("process") });
      try {
        load.start(gateway);
        await Bun.sleep(delayMs);
        const ended = gateway.end("SIGTERM");
        await Bun.sleep(200);
        await load.stop();
        expect(await ended).toBe(0);
        // Read from the store alone: the journal was moved before the process ended.
        const rows = readLedger(gateway);
        expectOneRowForEach(await upstream.calls(), rows);
        for (const attempt of rows.attempts) expectConsistent(attempt, rows);
        expectWhatClientsWereTold(load, rows);
        expect(rows.attempts.filter(({ outcome }) => outcome === "interrupted")).toEqual([]);
        expect(rows.requests.filter(({ outcome }) => outcome === "interrupted")).toEqual([]);
      } finally {
        await gateway.dispose();
      }
    }
  },
  LIMIT_MS,
);

function configuration(durability: "process" | "disk"): string {
  return pricedConfiguration(upstream.url, NAMES, `ledger: { durability: ${durability} }\n`);
}

function kindOf(model: string): Kind {
  const kind = KINDS[model];
  if (kind === undefined) throw new Error(`no kind "${model}"`);
  return kind;
}

/** Every call that the provider saw has one row, and a row without a call is one that was never sent. */
function expectOneRowForEach(calls: readonly CallRecord[], { attempts, requests }: LedgerRows): void {
  const names = new Map(requests.map(({ id, end_user }) => [id, end_user ?? ""]));
  const rowsOf = Map.groupBy(attempts, ({ request_id }) => names.get(request_id) ?? "no request");
  const callsOf = Map.groupBy(calls, nameIn);
  const differing = [...callsOf].filter(
    ([name, seen]) => seen.length !== 1 || rowsOf.get(name)?.length !== 1,
  );
  expect(
    differing.map(([name, seen]) => ({ name, calls: seen.length, rows: rowsOf.get(name)?.length })),
  ).toEqual([]);
  const unseen = [...rowsOf].filter(([name]) => !callsOf.has(name)).flatMap(([, rows]) => rows);
  expect(unseen.filter(({ outcome }) => !["interrupted", "cancelled"].includes(outcome ?? ""))).toEqual([]);
  expect(new Set(requests.map(({ end_user }) => end_user)).size).toBe(requests.length);
}

/** The row has one end, its request has too, and it is charged what its end says. */
function expectConsistent(attempt: AttemptRow, { attempts, requests }: LedgerRows): void {
  const kind = kindOf(attempt.model);
  const request = requests.find(({ id }) => id === attempt.request_id);
  const { outcome, input_tokens, output_tokens, usage_source } = attempt;
  expect(outcome, attempt.id).toBeOneOf([kind.outcome, "interrupted", ...(kind.leaves ? ["failed"] : [])]);
  expect(request?.outcome).toBeOneOf(["interrupted", outcome]);
  expect(request?.attempts).toBe(attempts.filter(({ request_id }) => request_id === request?.id).length);
  if (outcome === "interrupted") {
    expect([input_tokens, output_tokens]).toEqual([Math.ceil(attempt.body_bytes / 4), 0]);
  } else if (kind.reported !== undefined) {
    expect([usage_source, input_tokens, output_tokens]).toEqual(["reported", ...kind.reported]);
  } else {
    expect(usage_source).toBe("estimated");
  }
  if ((attempt.upstream_status ?? 0) >= 400) expect(input_tokens).toBe(0);
  expect(attempt.cost_nanodollars).toBe((input_tokens ?? 0) * 1000 + (output_tokens ?? 0) * 2000);
}

/** No answer that a client was given is missing from the ledger, and no row says otherwise than its client was told. */
function expectWhatClientsWereTold({ made }: Load, { requests }: LedgerRows): void {
  const rows = new Map(requests.map((row) => [row.end_user, row]));
  const answered = [...made].filter(([, { told }]) => told.isWhole && told.status !== 503);
  const differing = answered.flatMap(([name, { call, told }]) => {
    const row = rows.get(name);
    const agrees = row?.outcome === kindOf(call.model).outcome && row.status === told.status;
    return agrees || row?.outcome === "interrupted" ? [] : [{ name, call, told, row }];
  });
  expect(differing).toEqual([]);
}

async function expectSumOf(attempts: readonly AttemptRow[], gateway: GatewayProcess): Promise<void> {
  const { stdout } = await gateway.command("usage", "--json", "--by", "model");
  const { total } = JSON.parse(stdout);
  const nanos = attempts.reduce((sum, row) => sum + (row.cost_nanodollars ?? 0), 0);
  expect({ calls: total.calls, nanos: Math.round(Number(total.cost_usd) * 1e9) }).toEqual({
    calls: attempts.length,
    nanos,
  });
}

/** A kill may cut a line in two; nothing else may have failed to become a row. */
function expectNothingSetAside(dataFolder: string): void {
  const path = join(dataFolder, "data", "journal", "rejected.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  expect(lines.filter((line) => JSON.parse(line).reason !== "cut off in the middle")).toEqual([]);
  const store = new Database(join(dataFolder, "data", "gatehouse.db"), { readonly: true });
  expect(store.query("pragma integrity_check").values()).toEqual([["ok"]]);
  store.close();
}
