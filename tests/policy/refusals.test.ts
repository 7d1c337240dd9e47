import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { administration } from "../admin/administration.ts";
import { wholeAnswer } from "../process/chat-answers.ts";
import { textAt } from "../process/json.ts";
import { type Pair, startPair } from "../process/pair.ts";

/**
 * What a policy refuses is told in each client's own dialect: which limit, how much is left, when there is more, and in a
 * form on which that dialect's clients wait, or stop.
 */

setDefaultTimeout(20_000);

const MODEL = "replay/priced";
const MESSAGES = [{ role: "user", content: "hi" }];
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

interface Client {
  readonly path: string;
  readonly body: object;
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  /** The headers that tell how limits stand; the names of Google's clients have none. */
  readonly limits?: readonly [limit: string, remaining: string, reset: string];
  /** The status for money that is used up, and what the envelope says of it. */
  readonly money: readonly [status: number, envelope: object];
  readonly rate: object;
}

const OPENAI = {
  headers: bearer,
  limits: ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
  money: [429, { error: { type: "insufficient_quota", code: "insufficient_quota" } }],
  rate: { error: { code: "rate_limit_exceeded" } },
} as const;

const CLIENTS: { readonly [dialect: string]: Client } = {
  "openai-chat": { path: "/v1/chat/completions", body: { model: MODEL, messages: MESSAGES }, ...OPENAI },
  "openai-completions": { path: "/v1/completions", body: { model: MODEL, prompt: "hi" }, ...OPENAI },
  "openai-responses": { path: "/v1/responses", body: { model: MODEL, input: "hi" }, ...OPENAI },
  "anthropic-messages": {
    path: "/v1/messages",
    body: { model: MODEL, messages: MESSAGES, max_tokens: 50 },
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
    limits: [
      "anthropic-ratelimit-requests-limit",
      "anthropic-ratelimit-requests-remaining",
      "anthropic-ratelimit-requests-reset",
    ],
    money: [402, { type: "error", error: { type: "billing_error" } }],
    rate: { type: "error", error: { type: "rate_limit_error" } },
  },
  gemini: {
    path: `/v1beta/models/${MODEL}:generateContent`,
    body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    headers: (key) => ({ "x-goog-api-key": key }),
    money: [402, { error: { code: 402, status: "RESOURCE_EXHAUSTED" } }],
    rate: { error: { code: 429, status: "RESOURCE_EXHAUSTED" } },
  },
  generate: {
    path: "/generate",
    body: { model: MODEL, prompt: "hi" },
    headers: bearer,
    limits: OPENAI.limits,
    money: [402, { error: { code: "budget_exhausted" } }],
    rate: { error: { code: "rate_limited" } },
  },
};

let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.dispose());
beforeEach(async () => {
  await pair.upstream.clearScenarios();
  await pair.upstream.scenario("default", { body: wholeAnswer({ prompt: 20, completion: 50 }) });
  await pair.upstream.clearCalls();
});

async function keyUnder(policy: object): Promise<string> {
  const order = { project: "p", name: crypto.randomUUID(), policy };
  const made = await administration(pair.gateway)("POST", "/admin/v1/keys", order);
  expect(made.status).toBe(201);
  return textAt(made.body, "key");
}

async function send({ path, body, headers }: Client, key: string) {
  // The pair's own key is of the first project: this one goes in its place, in whatever header.
  const answer = await fetch(pair.gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers(key) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

describe.each(Object.entries(CLIENTS))("%s", (_dialect, client) => {
  test("a rate: 429, Retry-After, which limit, what is left", async () => {
    const key = await keyUnder({ rate_limits: [{ unit: "requests", limit: 2, per: "hour" }] });
    const answers = [await send(client, key), await send(client, key), await send(client, key)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    const [first, , refused] = answers;
    const retryAfter = Number(refused?.headers.get("retry-after"));
    expect(retryAfter).toBeInteger();
    expect(retryAfter).toBeGreaterThan(3_500);
    expect(JSON.parse(refused?.text ?? "")).toMatchObject(client.rate);
    expect(refused?.text).toMatch(/may use 2 requests a hour; 0 are left, and there is room again in \d+ s/);
    expect(await pair.upstream.callCount()).toBe(2);
    if (client.limits === undefined) return;
    const [limit, remaining, reset] = client.limits;
    const told = (answer: typeof first) => [answer?.headers.get(limit), answer?.headers.get(remaining)];
    expect([told(first), told(refused)]).toEqual([
      ["2", "1"],
      ["2", "0"],
    ]);
    expect(refused?.headers.get(reset)).toMatch(/^(\d+h)?\d+m\d+s$|^\d{4}-\d\d-\d\dT/);
  });

  test("tokens that one call alone exceeds are not worth waiting for", async () => {
    const key = await keyUnder({ rate_limits: [{ unit: "tokens", limit: 1, per: "minute" }] });
    const refused = await send(client, key);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, null]);
    expect(refused.text).toMatch(/more than the 1 a minute of key/);
    expect(await pair.upstream.callCount()).toBe(0);
  });

  test("money: no Retry-After, which budget, what is left, when there is more", async () => {
    const window = { kind: "calendar", per: "month", time_zone: "Europe/Berlin" };
    const key = await keyUnder({ budgets: [{ name: "lunch", amount_usd: "0.000002", window }] });
    const refused = await send(client, key);
    const [status, envelope] = client.money;
    expect([
      refused.status,
      refused.headers.get("retry-after"),
      refused.headers.get("x-gatehouse-error"),
    ]).toEqual([status, null, "budget_exhausted"]);
    expect(JSON.parse(refused.text)).toMatchObject(envelope);
    // In JSON, the quotes of names are escaped.
    expect(refused.text).toMatch(/budget \\"lunch\\" of key .* 0 of 0\.000002 dollars spent, 0\.000002 left/);
    expect(refused.text).toMatch(/There is more from \d{4}-\d\d-\d\dT2[23]:00:00\.000Z on/);
    expect(await pair.upstream.callCount()).toBe(0);
  });
});
