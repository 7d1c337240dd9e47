import { afterAll, beforeAll, expect, test } from "bun:test";
import { isDeepStrictEqual } from "node:util";
import type { AttemptRow } from "../../src/storage/schema.ts";
import { administration } from "../admin/administration.ts";
import { streamedAnswer, wholeAnswer } from "../process/chat-answers.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { objectsAt, textAt, textsAt } from "../process/json.ts";
import { readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";
import type { Scenario } from "../upstream/client.ts";

/** Promise 4: with nothing in flight, reserved is 0, whatever way the calls ended; and what was spent is the rows' sum. */

const USED = { prompt: 20, completion: 20 };
const STREAM = { body: streamedAnswer(USED) } as const;
const WHOLE = { body: wholeAnswer(USED) } as const;
const CALLS = 10_000;
const AT_ONCE = 200;
const LIMITS = "timeouts: { first_byte_ms: 300, between_bytes_ms: 300 }\n";

interface Ending {
  readonly name: string;
  readonly scenario: Scenario;
  readonly stream: boolean;
  /** When the client leaves, in milliseconds after it asked. */
  readonly leavesAfterMs?: number;
}

const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const ENDINGS: readonly Ending[] = [
  { name: "ok", scenario: WHOLE, stream: false },
  { name: "ok, streamed", scenario: STREAM, stream: true },
  { name: "refused by the provider", scenario: { ...WHOLE, status: 400 }, stream: false },
  { name: "failed", scenario: { ...WHOLE, status: 500 }, stream: false },
  { name: "limited", scenario: { ...WHOLE, status: 429 }, stream: true },
  { name: "garbage", scenario: { fault: { kind: "garbage" } }, stream: false },
  { name: "empty stream", scenario: { fault: { kind: "empty-stream" } }, stream: true },
  { name: "error first", scenario: { ...STREAM, fault: { kind: "error-first" } }, stream: true },
  { name: "reset", scenario: { fault: { kind: "reset-before-headers" } }, stream: false },
  { name: "timeout", scenario: { fault: { kind: "hang-before-headers" } }, stream: false },
  // At every event of the stream, and at every moment of the call.
  ...from(0, 20).flatMap((afterEvents): Ending[] => [
    {
      name: `error after ${afterEvents} events`,
      scenario: { ...STREAM, fault: { kind: "error-mid-stream", afterEvents } },
      stream: true,
    },
    {
      name: `cut after ${afterEvents} events`,
      scenario: { ...STREAM, fault: { kind: "truncate", afterEvents } },
      stream: true,
    },
    {
      name: `silent after ${afterEvents} events`,
      scenario: { ...STREAM, fault: { kind: "hang-mid-stream", afterEvents } },
      stream: true,
    },
    {
      name: `left after ${afterEvents * 10} ms, streamed`,
      scenario: { ...STREAM, paceMs: 10 },
      stream: true,
      leavesAfterMs: afterEvents * 10,
    },
    {
      name: `left after ${afterEvents * 10} ms`,
      scenario: { ...WHOLE, delayBeforeHeadersMs: 100, delayBeforeBodyMs: 50 },
      stream: false,
      leavesAfterMs: afterEvents * 10,
    },
  ]),
];

let pair: Pair;
let adminKey: string;

beforeAll(async () => {
  pair = await startPair(LIMITS);
  ({ adminKey } = pair.gateway);
});
afterAll(async () => {
  await pair?.dispose();
});

const POLICY = {
  budgets: [
    {
      name: "month",
      amount_usd: "100",
      window: { kind: "calendar", per: "month", time_zone: "Europe/Berlin" },
    },
    { name: "rolling", amount_usd: "100", window: { kind: "rolling", hours: 24 } },
    { name: "all", amount_usd: "100", window: { kind: "total" } },
  ],
};

async function call(key: string, ending: Ending): Promise<void> {
  const controller = new AbortController();
  if (ending.leavesAfterMs !== undefined) setTimeout(() => controller.abort(), ending.leavesAfterMs);
  const model = `replay/${slug(ending)}`;
  const body = { model, messages: [{ role: "user", content: "hi" }], stream: ending.stream, max_tokens: 40 };
  const init = { headers: { authorization: `Bearer ${key}` }, signal: controller.signal };
  await pair.post("/v1/chat/completions", body, init).then(
    (answer) => answer.text().catch(() => ""),
    () => "",
  );
}

const slug = ({ name }: Ending): string => name.replaceAll(/[^a-z0-9]+/g, "-");

interface BudgetView {
  /** The key's. */
  readonly id: string;
  readonly reserved_usd: string;
  readonly spent_usd: string;
}

async function budgets(): Promise<readonly BudgetView[]> {
  const { body } = await administration(pair.gateway, adminKey)("GET", "/admin/v1/budgets?limit=200");
  return objectsAt(body, "data").map((budget) => textsAt(budget, "id", "reserved_usd", "spent_usd"));
}

async function expectSettled(): Promise<void> {
  await waitUntil(
    async () => (await budgets()).every(({ reserved_usd }) => reserved_usd === "0"),
    20_000,
    "reserved 0",
  );
  const balances = await budgets();
  const spent = balances.map(({ spent_usd }) => Math.round(Number(spent_usd) * 1e9));
  let sums: readonly number[] = [];
  // The rows follow the journal into the store; a sum that never comes is told by what is expected below.
  await waitForLedger(
    pair.gateway,
    ({ attempts }) => {
      sums = balances.map(({ id }) => costOf(attempts.filter(({ key_id }) => key_id === id)));
      return isDeepStrictEqual(sums, spent) && attempts.every(({ outcome }) => outcome !== null);
    },
    20_000,
  ).catch(() => undefined);
  expect(sums).toEqual(spent);
  expect(readLedger(pair.gateway).attempts.every(({ outcome }) => outcome !== null)).toBe(true);
}

const costOf = (attempts: readonly AttemptRow[]): number =>
  Number(attempts.reduce((total, { cost_nanodollars }) => total + BigInt(cost_nanodollars ?? 0), 0n));

test("4: of 10,000 calls, whatever way each ends, nothing stays reserved, and what is spent is the sum of the rows", async () => {
  const administer = administration(pair.gateway, adminKey);
  await pair.upstream.scenarios(Object.fromEntries(ENDINGS.map((ending) => [slug(ending), ending.scenario])));
  const price = { provider: "replay", model: "*", price: { input: 1, output: 2 } };
  expect((await administer("POST", "/admin/v1/price-overrides", price)).status).toBe(201);
  const made = await administer("POST", "/admin/v1/keys", { project: "p", name: "k", policy: POLICY });
  const key: string = textAt(made.body, "key");
  let begun = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (begun < CALLS) {
      const ending = ENDINGS[begun++ % ENDINGS.length];
      if (ending !== undefined) await call(key, ending);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother));
  await expectSettled();
  const { attempts } = readLedger(pair.gateway);
  expect(attempts.length).toBeGreaterThan(CALLS * 0.9);
  expect(new Set(attempts.map(({ outcome }) => outcome))).toEqual(new Set(["ok", "failed", "cancelled"]));
}, 180_000);

test("4: nor what was in flight when the gateway was killed", async () => {
  const administer = administration(pair.gateway, adminKey);
  const made = await administer("POST", "/admin/v1/keys", { project: "p", name: "k2", policy: POLICY });
  // Longer than any test waits: the kill finds every call under way.
  const endless = { body: { kind: "generated", events: 1000, bytesPerEvent: 300 }, paceMs: 100 } as const;
  const slow: Ending = { name: "left mid-stream", scenario: endless, stream: true };
  await pair.upstream.scenario(slug(slow), slow.scenario);
  const calls = Array.from({ length: 30 }, () => call(textAt(made.body, "key"), slow));
  await pair.upstream.waitForCalls(
    (seen) => seen.filter(({ abortedAtMs }) => abortedAtMs === undefined).length >= 30,
  );
  await pair.gateway.end("SIGKILL");
  await Promise.all(calls);
  const { dataFolder } = pair.gateway;
  await pair.upstream.stop();
  pair = await startPair(LIMITS, { dataFolder });
  await expectSettled();
  await waitForLedger(
    pair.gateway,
    ({ attempts }) => attempts.some(({ outcome }) => outcome === "interrupted"),
    30_000,
  );
}, 60_000);
