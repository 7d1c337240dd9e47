import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Administer, administration } from "../admin/administration.ts";
import { streamedAnswer, wholeAnswer } from "../process/chat-answers.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";

/** Promise 3: for a budget, spent + reserved never exceeds the limit, at any concurrency. */

const USED = { prompt: 20, completion: 50 };
/** 20 tokens at 1 dollar and 50 at 2 dollars a million. */
const COST = 20_000 + 100_000;
const CALLS = 500;
const MESSAGES = [{ role: "user", content: "Say fifty words." }];

let pair: Pair;
let administer: Administer;

beforeAll(async () => {
  pair = await startPair();
  administer = administration(pair.gateway);
});
afterAll(async () => {
  await pair?.dispose();
});

async function keyWith(policy: object): Promise<string> {
  const made = await administer("POST", "/admin/v1/keys", {
    project: "budgeted",
    name: crypto.randomUUID(),
    policy,
  });
  return String(made.body["key"]);
}

const dollars = (nano: number): string => (nano / 1e9).toFixed(9);

const totalBudget = (nano: number) => ({
  budgets: [{ name: "all", amount_usd: dollars(nano), window: { kind: "total" } }],
});

async function call(key: string, body: object): Promise<{ status: number; text: string; headers: Headers }> {
  const answer = await pair.post(
    "/v1/chat/completions",
    { model: "replay/priced", messages: MESSAGES, ...body },
    { headers: { authorization: `Bearer ${key}` } },
  );
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

interface BudgetView {
  readonly spent_usd: string;
  readonly reserved_usd: string;
  readonly amount_usd: string;
}

async function budgets(): Promise<readonly BudgetView[]> {
  return (await administer("GET", "/admin/v1/budgets?limit=200")).body["data"] as unknown as BudgetView[];
}

const FORMS: readonly [string, object][] = [
  ["whole, bound by the caller", { max_tokens: 50 }],
  ["whole, without a bound", {}],
  [
    "streamed, bound by the caller",
    { max_tokens: 50, stream: true, stream_options: { include_usage: true } },
  ],
  ["streamed, without a bound", { stream: true, stream_options: { include_usage: true } }],
];

describe("3: a budget worth 10 calls", () => {
  test.each(FORMS)("admits 10 of 500 at once (%s)", async (_form, body) => {
    await pair.upstream.clearScenarios();
    const answer = "stream" in body ? streamedAnswer(USED) : wholeAnswer(USED);
    await pair.upstream.scenario("default", { body: answer, delayBeforeBodyMs: 20, split: "whole" });
    await pair.upstream.clearCalls();
    const limit = 10 * COST + Math.floor(COST / 2);
    const key = await keyWith(totalBudget(limit));
    let isOver = false;
    const watched = (async () => {
      while (!isOver) {
        for (const { spent_usd, reserved_usd, amount_usd } of await budgets())
          expect(Number(spent_usd) + Number(reserved_usd)).toBeLessThanOrEqual(Number(amount_usd));
        await Bun.sleep(5);
      }
    })();
    const answers = await Promise.all(Array.from({ length: CALLS }, () => call(key, body)));
    isOver = true;
    await watched;
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBe(10);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
    expect(refused[0]?.headers.get("x-should-retry")).toBe("false");
    expect(JSON.parse(refused[0]?.text ?? "").error).toMatchObject({ code: "insufficient_quota" });
    expect(await pair.upstream.callCount()).toBe(10);
    const [state] = (await budgets()).slice(-1);
    expect(state).toBeDefined();
    await waitUntil(async () => (await budgets()).every(({ reserved_usd }) => Number(reserved_usd) === 0));
    expect((await budgets()).some(({ spent_usd }) => spent_usd === String((10 * COST) / 1e9))).toBe(true);
  });

  test("is still so after the gateway was killed and started again", async () => {
    await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
    const key = await keyWith(totalBudget(3 * COST + Math.floor(COST / 2)));
    for (const status of [200, 200]) expect((await call(key, { max_tokens: 50 })).status).toBe(status);
    // A kill before a call's end is in the journal finds it interrupted, and charges what had been delivered.
    await waitUntil(async () => (await budgets()).every(({ reserved_usd }) => Number(reserved_usd) === 0));
    await pair.gateway.end("SIGKILL");
    const { upstream } = pair;
    const again = await startPair("", { dataFolder: pair.gateway.dataFolder });
    const admin = pair.gateway.adminKey;
    pair = { ...again, gateway: { ...again.gateway, adminKey: admin } };
    administer = administration(again.gateway, admin);
    await again.upstream.scenario("default", { body: wholeAnswer(USED) });
    expect((await call(key, { max_tokens: 50 })).status).toBe(200);
    expect((await call(key, { max_tokens: 50 })).status).toBe(429);
    await upstream.stop();
  });
});

test("3: what is sent upstream is bound to what the budget has left", async () => {
  await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
  await pair.upstream.clearCalls();
  const key = await keyWith(totalBudget(400_000));
  const answer = await call(key, { max_tokens: 4_000 });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("x-gatehouse-warnings")).toContain("what the budget has left");
  const [sent] = await pair.upstream.calls();
  const bound: number = JSON.parse(sent?.bodyText ?? "{}").max_tokens;
  expect(bound).toBeGreaterThan(50);
  expect(bound).toBeLessThanOrEqual(200);
});

test("3: a stream that the budget can't pay for any longer ends as cut at its length, and upstream is left", async () => {
  const long = { prompt: 20, completion: 2_000 };
  await pair.upstream.scenario("default", { body: streamedAnswer(long), paceMs: 1 });
  await pair.upstream.clearCalls();
  const limit = 500_000;
  const key = await keyWith(totalBudget(limit));
  const answer = await call(key, { stream: true });
  expect(answer.status).toBe(200);
  const events = answer.text.trim().split("\n\n");
  expect(events.at(-1)).toBe("data: [DONE]");
  expect(JSON.parse(events.at(-2)?.slice("data: ".length) ?? "").choices[0].finish_reason).toBe("length");
  expect(events.length).toBeGreaterThan(100);
  expect(events.length).toBeLessThan(1_000);
  const [sent] = await pair.upstream.waitForCalls((calls) => calls[0]?.abortedAtMs !== undefined);
  expect(sent).toBeDefined();
  const { attempts, requests } = await waitForLedger(
    pair.gateway,
    ({ attempts: rows }) => rows.at(-1)?.outcome === "blocked",
  );
  const row = attempts.at(-1);
  expect([row?.finish_reason, row?.error_code, row?.usage_source]).toEqual([
    "length",
    "budget_exhausted",
    "estimated",
  ]);
  expect(row?.cost_nanodollars ?? limit + 1).toBeLessThanOrEqual(limit);
  expect(requests.at(-1)?.warnings).toContain("cut short");
});

test.each([false, true])(
  "3: a session of 200 turns within its budget is never refused, however high it bounds its answers (streamed: %p)",
  async (stream) => {
    // A turn costs 0.1 dollars: 20 of 25. Its bound alone would cost 0.128.
    const turn = { prompt: 20_000, completion: 40_000 };
    await pair.upstream.scenario("default", { body: wholeAnswer({ prompt: 20_000, completion: 100 }) });
    await pair.upstream.scenario("priced", {
      body: stream
        ? longStream(turn)
        : ({ ...wholeAnswer({ prompt: turn.prompt, completion: 5 }), text: billed(turn) } as never),
    });
    const key = await keyWith({ budgets: [{ name: "all", amount_usd: "25", window: { kind: "total" } }] });
    const statuses = new Map<number, number>();
    const messages = [{ role: "user", content: "word ".repeat(20_000) }];
    for (let count = 0; count < 200; count++) {
      const { status, text } = await call(key, { messages, max_tokens: 64_000, stream });
      expect(text).toContain('"finish_reason":"stop"');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([[200, 200]]);
  },
);

/** An answer of about as many tokens as it is billed for, in pieces of a hundred words. */
function longStream({ prompt, completion }: { readonly prompt: number; readonly completion: number }) {
  const piece = (delta: object, finish_reason: string | null) => ({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "made",
    choices: [{ index: 0, delta, finish_reason }],
  });
  const words = JSON.stringify(piece({ role: "assistant", content: "done ".repeat(100) }, null));
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  const last = JSON.stringify({ ...piece({}, "stop"), usage });
  return { kind: "events", events: [...Array(completion / 100).fill(words), last], terminal: true } as const;
}

function billed({ prompt, completion }: { readonly prompt: number; readonly completion: number }): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "made",
    choices: [{ index: 0, message: { role: "assistant", content: "Done." }, finish_reason: "stop" }],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  });
}

test("3: a rate of 100 a minute under 2,000 calls at once admits 100", async () => {
  await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
  await pair.upstream.scenario("priced", { body: wholeAnswer(USED) });
  await pair.upstream.clearCalls();
  const key = await keyWith({ rate_limits: [{ unit: "requests", limit: 100, per: "minute" }] });
  const answers = await Promise.all(Array.from({ length: 2_000 }, () => call(key, { max_tokens: 50 })));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(answers.length - refused.length).toBe(100);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
  const [one] = refused;
  expect(Number(one?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(one?.headers.get("x-ratelimit-limit-requests")).toBe("100");
  expect(one?.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  expect(one?.headers.get("x-ratelimit-reset-requests")).toMatch(/^(\d+m)?\d+s$/);
  expect(await pair.upstream.callCount()).toBe(100);
});
