import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Administer, administration } from "../admin/administration.ts";
import { wholeAnswer } from "../process/chat-answers.ts";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { numberAt, objectAt, objectsAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type Receiver, startReceiver, WEBHOOK_SECRET } from "./receiver.ts";

/** Budget alerts from outside: a receiver that verifies what comes as Standard Webhooks has it. */

setDefaultTimeout(30_000);

/** 20 tokens at 1 dollar and 50 at 2 dollars a million. */
const USED = { prompt: 20, completion: 50 };
const COST = 120_000;
const CHAT = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 50 };

let receiver: Receiver;
let pair: Pair;
let administer: Administer;

beforeAll(async () => {
  receiver = startReceiver();
  pair = await startPair(webhook(receiver));
  administer = administration(pair.gateway);
  await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
});
afterAll(async () => {
  await pair.dispose();
  await receiver.stop();
});

function webhook({ url }: Receiver): string {
  return [
    `egress: { allow: ["${new URL(url).origin}"] }`,
    `alerts: { webhook: { url: "${url}", secret: "${WEBHOOK_SECRET}" } }`,
    "",
  ].join("\n");
}

const dollars = (nano: number): string => (nano / 1e9).toFixed(9);

interface BudgetedKey {
  readonly id: string;
  readonly key: string;
}

async function keyWith(costs: number, more: object = {}): Promise<BudgetedKey> {
  const budget = { name: "all", amount_usd: dollars(costs * COST), window: { kind: "total" }, ...more };
  const policy = { budgets: [budget] };
  const made = await administer("POST", "/admin/v1/keys", { project: "alerted", name: "k", policy });
  expect(made.status).toBe(201);
  return textsAt(made.body, "id", "key");
}

async function call(key: string): Promise<number> {
  const answer = await pair.post("/v1/chat/completions", CHAT, {
    headers: { authorization: `Bearer ${key}` },
  });
  await answer.arrayBuffer();
  return answer.status;
}

function percentsOf(id: string): number[] {
  return receiver.received
    .filter(({ message }) => valueAt(message, "data", "id") === id)
    .map(({ message }) => numberAt(message, "data", "percent"));
}

async function stateOf(id: string): Promise<string[]> {
  const { body } = await administer("GET", "/admin/v1/alerts?limit=200");
  return objectsAt(body, "data")
    .filter((alert) => valueAt(alert, "message", "data", "id") === id)
    .map((alert) => textAt(alert, "state"));
}

describe("a budget's shares", () => {
  test("are told once each, signed, with how the budget stands", async () => {
    const { id, key } = await keyWith(10);
    for (let number = 0; number < 4; number++) expect(await call(key)).toBe(200);
    expect(await call(key)).toBe(200);
    await waitUntil(() => percentsOf(id).length === 1);
    for (let number = 0; number < 3; number++) expect(await call(key)).toBe(200);
    await waitUntil(() => percentsOf(id).length === 2);
    expect(percentsOf(id)).toEqual([50, 80]);
    const [first] = receiver.received.filter(({ message }) => valueAt(message, "data", "id") === id);
    expect(first?.isGenuine).toBe(true);
    expect(Math.abs((first?.timestamp ?? 0) * 1000 - Date.now())).toBeLessThan(60_000);
    expect({ ...objectAt(first?.message) }).toEqual({
      type: "budget.share_spent",
      timestamp: expect.any(String),
      data: {
        scope: "key",
        id,
        budget: "all",
        percent: 50,
        spent_usd: "0.0006",
        amount_usd: "0.0012",
        window: { kind: "total" },
        window_start: null,
        resets_at: null,
      },
    });
    await waitUntil(async () => (await stateOf(id)).join() === "delivered,delivered");
    const { stdout } = await pair.gateway.command("alerts", "list", "--json");
    expect(JSON.parse(stdout).filter((alert: { state: string }) => alert.state === "delivered").length).toBe(
      2,
    );
  });

  test("passed in one call are told one after the other; a changed amount is told of anew", async () => {
    const { id, key } = await keyWith(2.4, {
      alert_percents: [10, 40],
      window: { kind: "rolling", hours: 1 },
    });
    expect(await call(key)).toBe(200);
    await waitUntil(() => percentsOf(id).length === 2);
    expect(percentsOf(id).sort()).toEqual([10, 40]);
    const budgets = [
      {
        name: "all",
        amount_usd: dollars(4 * COST),
        window: { kind: "rolling", hours: 1 },
        alert_percents: [40],
      },
    ];
    await administer("PATCH", `/admin/v1/keys/${id}`, { policy: { budgets } });
    expect(await call(key)).toBe(200);
    await waitUntil(() => percentsOf(id).length === 3);
  });

  test("that are not wanted are not told", async () => {
    const { id, key } = await keyWith(1.6, { alert_percents: [] });
    const other = await keyWith(1.6);
    expect([await call(key), await call(other.key)]).toEqual([200, 200]);
    await waitUntil(() => percentsOf(other.id).length === 1);
    expect(percentsOf(id)).toEqual([]);
  });
});

describe("a receiver that fails", () => {
  test("is tried again with the same id until it takes the message, also by the next process", async () => {
    const own = startReceiver();
    const first = await startPair(webhook(own));
    try {
      await first.upstream.scenario("default", { body: wholeAnswer(USED) });
      own.status = 500;
      const made = await administration(first.gateway)("POST", "/admin/v1/keys", {
        project: "alerted",
        name: "k",
        policy: {
          budgets: [
            {
              name: "all",
              amount_usd: dollars(3 * COST),
              window: { kind: "total" },
              alert_percents: [30, 60],
            },
          ],
        },
      });
      const post = (url: string) =>
        fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${textAt(made.body, "key")}` },
          body: JSON.stringify(CHAT),
        });
      expect((await post(first.gateway.url)).status).toBe(200);
      await waitUntil(() => own.received.length === 1);
      const listed = await administration(first.gateway)("GET", "/admin/v1/alerts");
      expect(valueAt(listed.body, "data")).toMatchObject([{ state: "waiting" }]);
      await first.gateway.end("SIGKILL");
      own.status = 204;
      const again = await startGateway({ dataFolder: first.gateway.dataFolder });
      try {
        await waitUntil(() => own.received.length >= 2, 15_000);
        const [one, two] = own.received;
        expect([two?.id, two?.isGenuine, two?.message]).toEqual([one?.id, true, one?.message]);
        expect((await post(again.url)).status).toBe(200);
        await waitUntil(() => own.received.length === 3, 15_000);
        expect(own.received.map(({ message }) => valueAt(message, "data", "percent"))).toEqual([30, 30, 60]);
      } finally {
        await again.end("SIGKILL");
      }
    } finally {
      await first.dispose();
      await own.stop();
    }
  });
});

describe("the webhook", () => {
  test("is tested by the API and by the command line", async () => {
    const before = receiver.received.length;
    expect(await administer("POST", "/admin/v1/alerts/test")).toMatchObject({
      status: 200,
      body: { delivered: true, status: 200, problem: null },
    });
    expect((await pair.gateway.command("alerts", "test")).stdout).toContain("Delivered");
    const tests = receiver.received.slice(before);
    expect(tests.map(({ isGenuine, message }) => [isGenuine, valueAt(message, "type")])).toEqual([
      [true, "webhook.test"],
      [true, "webhook.test"],
    ]);
    receiver.status = 302;
    expect((await administer("POST", "/admin/v1/alerts/test")).body).toEqual({
      delivered: false,
      status: 302,
      problem: "the receiver answered 302",
    });
    expect((await pair.gateway.command("alerts", "test")).exitCode).toBe(1);
    receiver.status = 200;
  });

  test("where there is none, alerts are listed and logged, and a test says so", async () => {
    const without = await startPair();
    try {
      await without.upstream.scenario("default", { body: wholeAnswer(USED) });
      const ask = administration(without.gateway);
      expect(await ask("POST", "/admin/v1/alerts/test")).toMatchObject({
        status: 409,
        body: { error: { code: "conflict" } },
      });
      const made = await ask("POST", "/admin/v1/keys", {
        project: "alerted",
        name: "k",
        policy: { budgets: [{ name: "all", amount_usd: dollars(2 * COST), window: { kind: "total" } }] },
      });
      const answer = await without.post("/v1/chat/completions", CHAT, {
        headers: { authorization: `Bearer ${textAt(made.body, "key")}` },
      });
      expect(answer.status).toBe(200);
      await waitUntil(async () => {
        const [alert] = objectsAt((await ask("GET", "/admin/v1/alerts")).body, "data");
        return alert?.["state"] === "not_sent";
      });
      await waitUntil(() => without.gateway.log().includes("budget alert"));
    } finally {
      await without.dispose();
    }
  });
});
