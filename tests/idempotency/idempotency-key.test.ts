import { Database } from "bun:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { administration } from "../admin/administration.ts";
import { streamedAnswer, wholeAnswer } from "../process/chat-answers.ts";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { objectsAt, textAt, valueAt } from "../process/json.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor, type Pair, startPair } from "../process/pair.ts";

/** Idempotency-Key, from outside: one call upstream and one answer for whoever asks the same again. */

setDefaultTimeout(30_000);

const USED = { prompt: 20, completion: 50 };
const CHAT = { model: "replay/priced", messages: [{ role: "user", content: "a secret question" }] };
const STREAM = { ...CHAT, stream: true };
const SMALL = "idempotency: { answer_bytes: 20000 }\n";

let pair: Pair;

beforeAll(async () => {
  pair = await startPair(SMALL);
});
afterAll(() => pair.dispose());
beforeEach(async () => {
  await pair.upstream.clearScenarios();
  await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
  await pair.upstream.clearCalls();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly code: string | null;
  readonly isReplayed: boolean;
}

async function send(
  key: string,
  body: object = CHAT,
  more: RequestInit & { path?: string } = {},
): Promise<Answer> {
  const { path = "/v1/chat/completions", headers = {}, ...init } = more;
  const answer = await pair.post(path, body, {
    ...init,
    headers: { "idempotency-key": key, ...headers } as never,
  });
  return {
    status: answer.status,
    text: await answer.text(),
    headers: answer.headers,
    code: answer.headers.get("x-gatehouse-error"),
    isReplayed: answer.headers.get("idempotent-replayed") === "true",
  };
}

/** How many calls were answered with the provider's refusal. */
async function refusedCalls(): Promise<number> {
  const headers = { authorization: `Bearer ${pair.gateway.adminKey}` };
  const metrics = await (await fetch(`${pair.gateway.url}/metrics`, { headers })).text();
  return Number(/^gatehouse_errors_total\{code="upstream_refused"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

const newKey = () => crypto.randomUUID();

describe("the same key and body", () => {
  test("is one call upstream and one answer, byte for byte, charged once", async () => {
    const key = newKey();
    const first = await send(key);
    const second = await send(key);
    expect([first.status, first.isReplayed, second.status, second.isReplayed]).toEqual([
      200,
      false,
      200,
      true,
    ]);
    expect(second.text).toBe(first.text);
    for (const name of ["content-type", "x-gatehouse-target", "x-gatehouse-cost-usd"])
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(second.headers.get("x-gatehouse-original-request-id")).toBe(first.headers.get("x-request-id"));
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(await pair.upstream.callCount()).toBe(1);
  });

  test("streams the stored stream again", async () => {
    await pair.upstream.scenario("default", { body: streamedAnswer(USED), split: "per-event" });
    const key = newKey();
    const first = await send(key, STREAM);
    const second = await send(key, STREAM);
    expect([first.status, second.status, second.isReplayed]).toEqual([200, 200, true]);
    expect(first.text).toContain("data: [DONE]");
    expect(second.text).toBe(first.text);
    expect(second.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect(await pair.upstream.callCount()).toBe(1);
  });

  test("in another dialect or path is another request", async () => {
    const key = newKey();
    expect((await send(key)).status).toBe(200);
    const other = await send(
      key,
      { prompt: "x", provider: "replay", model: "priced" },
      { path: "/generate" },
    );
    expect([other.status, other.code]).toEqual([422, "idempotency_key_reused"]);
  });

  test("of OpenAI's SDK, asked twice, is answered twice the same", async () => {
    const client = new OpenAI({ baseURL: `${pair.gateway.url}/v1`, apiKey: pair.gateway.virtualKey });
    const idempotencyKey = newKey();
    const ask = () =>
      client.chat.completions.create(
        { model: "replay/priced", messages: [{ role: "user", content: "hi" }] },
        { headers: { "idempotency-key": idempotencyKey } },
      );
    expect(await ask()).toEqual(await ask());
    expect(await pair.upstream.callCount()).toBe(1);
  });
});

describe("a replayed answer", () => {
  const refusal = JSON.stringify({ error: { message: "no such thing", type: "invalid_request_error" } });

  test.each([
    ["whole", CHAT, { body: wholeAnswer(USED) }, 200, "ok"],
    ["streamed", STREAM, { body: streamedAnswer(USED) }, 200, "ok"],
    [
      "a refusal",
      CHAT,
      { status: 400, body: { kind: "text", text: refusal, contentType: "application/json" } },
      400,
      "failed",
    ],
  ] as const)(
    "is in the request log, names the first, costs nothing (%s)",
    async (_form, body, scenario, status, outcome) => {
      await pair.upstream.scenario("default", scenario);
      const administer = administration(pair.gateway);
      const made = await administer("POST", "/admin/v1/keys", { project: `replay ${newKey()}`, name: "k" });
      const headers = { authorization: `Bearer ${textAt(made.body, "key")}` };
      const key = newKey();
      const asked = { ...body, user: "ada" };
      const first = await send(key, asked, { headers });
      const second = await send(key, asked, { headers });
      expect([first.status, second.status, second.isReplayed]).toEqual([status, status, true]);
      const [original, replayed] = [first, second].map(({ headers }) => headers.get("x-request-id") ?? "");
      await waitForLedger(pair.gateway, ({ requests }) => requests.some(({ id }) => id === replayed));
      const { body: page } = await administer("GET", `/admin/v1/requests?replay_of=${original}`);
      expect(valueAt(page, "data")).toEqual([
        expect.objectContaining({
          id: replayed,
          replay_of: original,
          model: "replay/priced",
          end_user: "ada",
          stream: body === STREAM,
          outcome,
          status,
          attempts: 0,
          provider: null,
          cost_usd: null,
        }),
      ]);
      const { body: whole } = await administer("GET", `/admin/v1/requests/${original}`);
      expect([valueAt(whole, "replay_of"), objectsAt(whole, "attempts").length]).toEqual([null, 1]);
      const { body: usage } = await administer(
        "GET",
        `/admin/v1/usage?by=outcome&key_id=${textAt(made.body, "id")}`,
      );
      expect(valueAt(usage, "data")).toEqual([expect.objectContaining({ calls: 1, refused: 0 })]);
    },
  );
});

describe("another body with the same key", () => {
  test("is refused, and says how to mend it", async () => {
    const key = newKey();
    await send(key);
    const other = await send(key, { ...CHAT, temperature: 0.5 });
    expect([other.status, other.code]).toEqual([422, "idempotency_key_reused"]);
    expect(JSON.parse(other.text).error.mend).toContain("new Idempotency-Key");
    expect(await pair.upstream.callCount()).toBe(1);
  });
});

describe("a duplicate while the first is under way", () => {
  test.each([
    ["whole", CHAT, wholeAnswer(USED)],
    ["streamed", STREAM, streamedAnswer(USED)],
  ] as const)(
    "is told to come back (%s), and then has the first one's answer",
    async (_form, body, answer) => {
      await pair.upstream.scenario("default", { body: answer, delayBeforeBodyMs: 400 });
      const key = newKey();
      const all = await Promise.all(Array.from({ length: 10 }, () => send(key, body)));
      const refused = all.filter(({ status }) => status !== 200);
      expect(refused.length).toBe(9);
      for (const { status, code, headers } of refused)
        expect([status, code, headers.get("retry-after"), headers.get("x-should-retry")]).toEqual([
          409,
          "idempotency_in_progress",
          "1",
          null,
        ]);
      expect((await send(key, body)).isReplayed).toBe(true);
      expect(await pair.upstream.callCount()).toBe(1);
    },
  );
});

describe("a client that leaves", () => {
  test.each([
    ["whole", CHAT, wholeAnswer(USED)],
    ["streamed", STREAM, streamedAnswer(USED)],
  ] as const)(
    "finds the answer when it comes again (%s): the call was finished for it",
    async (_form, body, answer) => {
      await pair.upstream.scenario("default", { body: answer, delayBeforeBodyMs: 300, split: "per-event" });
      const key = newKey();
      const controller = new AbortController();
      const left = send(key, body, { signal: controller.signal }).catch(() => "left");
      await pair.upstream.waitForCalls((calls) => calls.length === 1);
      controller.abort();
      expect(await left).toBe("left");
      let again = await send(key, body);
      await waitUntil(async () => {
        if (again.status === 409) again = await send(key, body);
        return again.status === 200;
      });
      expect(again.isReplayed).toBe(true);
      expect(await pair.upstream.callCount()).toBe(1);
    },
  );
});

describe("what failed", () => {
  test.each([
    [
      "a provider's 500",
      { status: 500, body: { kind: "text", text: "{}", contentType: "application/json" } },
      500,
    ],
    [
      "a provider's 429",
      { status: 429, body: { kind: "text", text: "{}", contentType: "application/json" } },
      429,
    ],
  ] as const)("in a way that may be tried again is not kept: %s", async (_name, scenario, status) => {
    await pair.upstream.scenario("default", scenario);
    const key = newKey();
    expect((await send(key)).status).toBe(status);
    await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
    const second = await send(key);
    expect([second.status, second.isReplayed]).toEqual([200, false]);
    expect((await send(key)).isReplayed).toBe(true);
  });

  test("in the middle of a stream is not kept", async () => {
    await pair.upstream.scenario("default", {
      body: streamedAnswer(USED),
      split: "per-event",
      fault: { kind: "truncate", afterEvents: 5 },
    });
    const key = newKey();
    const first = await send(key, STREAM);
    await pair.upstream.scenario("default", { body: streamedAnswer(USED), split: "per-event" });
    const second = await send(key, STREAM);
    expect([first.text.includes("[DONE]"), second.isReplayed]).toEqual([false, false]);
    expect(second.text).toContain("[DONE]");
  });

  const text = JSON.stringify({ error: { message: "no such thing", type: "invalid_request_error" } });
  const refusing = { status: 400, body: { kind: "text", text, contentType: "application/json" } } as const;

  test("because of the request itself is the answer: the provider's own words again", async () => {
    await pair.upstream.scenario("default", refusing);
    const key = newKey();
    const first = await send(key);
    const second = await send(key);
    expect([first.status, second.status, second.isReplayed]).toEqual([400, 400, true]);
    expect([first.text, second.text]).toEqual([text, text]);
    expect(await pair.upstream.callCount()).toBe(1);
  });

  test("told again is counted and logged once", async () => {
    await pair.upstream.scenario("default", refusing);
    const key = newKey();
    await send(key);
    const before = await refusedCalls();
    const { status, isReplayed, headers } = await send(key);
    expect([status, isReplayed, await refusedCalls()]).toEqual([400, true, before + 1]);
    const id = headers.get("x-request-id") ?? "none";
    const lines = () =>
      pair.gateway
        .log()
        .split("\n")
        .filter((line) => line.includes(id));
    await waitUntil(() => lines().length > 0);
    expect(lines()).toHaveLength(1);
  });

  test("before it reached a provider is judged anew", async () => {
    const key = newKey();
    expect((await send(key, { ...CHAT, messages: 3 })).status).toBe(400);
    expect((await send(key, { ...CHAT, messages: 3 })).isReplayed).toBe(false);
    expect((await send(key)).status).toBe(200);
  });
});

describe("an answer larger than is kept", () => {
  test.each([
    ["whole", CHAT, wholeAnswer({ prompt: 1, completion: 8000 })],
    ["streamed", STREAM, streamedAnswer({ prompt: 1, completion: 400 })],
  ] as const)("is given, and asked for again refused (%s)", async (_form, body, answer) => {
    await pair.upstream.scenario("default", { body: answer });
    const key = newKey();
    const first = await send(key, body);
    expect([first.status, first.text.length > 20_000]).toEqual([200, true]);
    const second = await send(key, body);
    expect([second.status, second.code, second.headers.get("x-should-retry")]).toEqual([
      409,
      "idempotency_answer_lost",
      "false",
    ]);
    expect(await pair.upstream.callCount()).toBe(1);
  });
});

test("a key is each virtual key's own, and each browser token's", async () => {
  const idempotencyKey = newKey();
  const made = await administration(pair.gateway)("POST", "/admin/v1/keys", { project: "other", name: "k" });
  const mint = async () => {
    const answer = await pair.post("/v1/tokens", { end_user: "ada" });
    return ((await answer.json()) as { token: string }).token;
  };
  const secrets = [pair.gateway.virtualKey, textAt(made.body, "key"), await mint(), await mint()];
  for (const secret of secrets) {
    const answer = await send(idempotencyKey, CHAT, { headers: { authorization: `Bearer ${secret}` } });
    expect([answer.status, answer.isReplayed]).toEqual([200, false]);
  }
  expect(await pair.upstream.callCount()).toBe(4);
});

test("what is no key is refused", async () => {
  for (const key of ["x".repeat(256), "\u00fc"]) {
    const answer = await send(key);
    expect([answer.status, answer.code]).toEqual([400, "invalid_request"]);
  }
  expect(await pair.upstream.callCount()).toBe(0);
});

test("after a kill: what was answered is still there, what was under way is told as unknown, and nothing is readable", async () => {
  const done = newKey();
  const open = newKey();
  const first = await send(done);
  await pair.upstream.scenario("default", { body: wholeAnswer(USED), delayBeforeBodyMs: 60_000 });
  const lost = send(open).catch(() => "lost");
  await pair.upstream.waitForCalls((calls) => calls.length === 2);
  await waitForLedger(pair.gateway, ({ attempts }) => attempts.some(({ outcome }) => outcome === null));
  await pair.gateway.end("SIGKILL");
  expect(await lost).toBe("lost");
  const again = await startGateway({
    dataFolder: pair.gateway.dataFolder,
    configuration: configurationFor(pair.upstream.url) + SMALL,
  });
  try {
    const ask = (key: string) =>
      fetch(`${again.url}/v1/chat/completions`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${pair.gateway.virtualKey}`,
          "idempotency-key": key,
          "content-type": "application/json",
        },
        body: JSON.stringify(CHAT),
      });
    const kept = await ask(done);
    expect([kept.status, await kept.text()]).toEqual([200, first.text]);
    const unknown = await ask(open);
    expect([unknown.status, unknown.headers.get("x-gatehouse-error")]).toEqual([
      409,
      "idempotency_answer_lost",
    ]);
    expect(await pair.upstream.callCount()).toBe(2);
    const path = join(pair.gateway.dataFolder, "data", "answers.db");
    const bytes = readFileSync(path).toString("latin1") + readFileSync(`${path}-wal`).toString("latin1");
    for (const secret of ["secret question", "word word", done, open]) expect(bytes).not.toContain(secret);
    const database = new Database(path, { readonly: true });
    const rows = database.query<{ state: string }, []>("select state from answers").all();
    database.close();
    expect(rows.some(({ state }) => state === "kept")).toBe(true);
  } finally {
    await again.end("SIGKILL");
  }
});
