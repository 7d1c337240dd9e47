import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI from "openai";
import { type Administer, administration } from "../admin/administration.ts";
import { wholeAnswer } from "../process/chat-answers.ts";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { objectAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { waitForEndedAttempts, waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor, type Pair, startPair } from "../process/pair.ts";
import { SAMPLE_BODIES } from "../promises/sample-bodies.ts";
import { inferencePaths } from "../server/route-entries.ts";

/** Browser tokens, from outside: what a backend mints and a page uses. */

setDefaultTimeout(20_000);

const PAGE = "https://app.example.com";
const OTHER_PAGE = "https://other.example.com";
const CONFIGURED_PAGE = "https://configured.example.com";
const CHAT = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };
const USED = { prompt: 20, completion: 50 };
/** 20 tokens at 1 dollar and 50 at 2 dollars a million. */
const COST = 20_000 + 100_000;

let pair: Pair;
let administer: Administer;

beforeAll(async () => {
  pair = await startPair(
    `server: { cors: { origins: ["${CONFIGURED_PAGE}"] } }\nroutes: { alias: { targets: [replay/priced] } }\n`,
  );
  administer = administration(pair.gateway);
  await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
});
afterAll(() => pair.dispose());

interface Key {
  readonly id: string;
  readonly key: string;
}

async function keyWith(policy: object = {}, more: object = {}): Promise<Key> {
  const made = await administer("POST", "/admin/v1/keys", {
    project: "frontend",
    name: crypto.randomUUID(),
    policy,
    ...more,
  });
  expect(made.status).toBe(201);
  return textsAt(made.body, "id", "key");
}

interface Minted {
  readonly status: number;
  readonly body: unknown;
}

async function mint(
  secret: string,
  order: object = {},
  headers: Record<string, string> = {},
): Promise<Minted> {
  const answer = await fetch(`${pair.gateway.url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ end_user: "user-1", ...order }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function tokenOf(secret: string, order: object = {}): Promise<string> {
  const { status, body } = await mint(secret, order);
  expect({ status, body }).toMatchObject({ status: 201 });
  return textAt(body, "token");
}

function call(token: string, body: object = CHAT, headers: Record<string, string> = {}): Promise<Response> {
  return pair.post("/v1/chat/completions", body, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

async function codeOf(answer: Response): Promise<string | null> {
  await answer.arrayBuffer();
  return answer.headers.get("x-gatehouse-error");
}

describe("a browser token", () => {
  test("says what it is, and is taken wherever a key is, with its id and end user in the ledger", async () => {
    const { id, key } = await keyWith();
    const { body } = await mint(key, {
      end_user: "ada",
      expires_in: 60,
      policy: { models: ["replay/*", "alias"] },
    });
    // A copy: the runtime's matcher writes into what it looks at.
    expect({ ...objectAt(body) }).toMatchObject({
      object: "browser_token",
      id: expect.stringMatching(/^tok_/),
      token: expect.stringMatching(/^ght_/),
      key_id: id,
      end_user: "ada",
      policy: { models: ["replay/*", "alias"] },
    });
    expect(Date.parse(textAt(body, "expires_at")) - Date.parse(textAt(body, "created_at"))).toBe(60_000);
    await pair.upstream.clearCalls();
    for (const path of inferencePaths) {
      const sample = SAMPLE_BODIES[path];
      const answer = await pair.post(sample?.url ?? path, sample?.body, {
        headers: { authorization: `Bearer ${textAt(body, "token")}` },
      });
      // The sample answer is a chat's, which the other operations can't read: what counts is that it was let in.
      expect([path, [200, 502].includes(answer.status) ? 200 : [answer.status, await answer.text()]]).toEqual(
        [path, 200],
      );
    }
    const models = await fetch(`${pair.gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${textAt(body, "token")}` },
    });
    expect(models.status).toBe(200);
    const { requests, attempts } = await waitForLedger(
      pair.gateway,
      (rows) =>
        rows.requests.filter((row) => row.token_id === valueAt(body, "id") && row.outcome !== null).length ===
        inferencePaths.length,
    );
    const own = requests.filter((row) => row.token_id === valueAt(body, "id"));
    expect(own.every((row) => row.key_id === id && row.end_user === "ada")).toBe(true);
    expect(attempts.filter((row) => row.token_id === valueAt(body, "id")).length).toBe(
      inferencePaths.reduce((sum, path) => sum + (SAMPLE_BODIES[path]?.calls ?? 1), 0),
    );
  });

  test("has the end user that the backend said, whatever the page says", async () => {
    const { key } = await keyWith();
    const { body } = await mint(key, { end_user: "ada" });
    expect((await call(textAt(body, "token"), { ...CHAT, user: "eve" })).status).toBe(200);
    const { requests } = await waitForLedger(pair.gateway, (rows) =>
      rows.requests.some((row) => row.token_id === valueAt(body, "id") && row.outcome !== null),
    );
    expect(requests.find((row) => row.token_id === valueAt(body, "id"))?.end_user).toBe("ada");
  });

  test("mints no tokens and opens no administration", async () => {
    const { key } = await keyWith();
    const token = await tokenOf(key);
    expect(await mint(token)).toMatchObject({ status: 403, body: { error: { code: "wrong_kind_of_key" } } });
    for (const path of ["/admin/v1/session", "/metrics"]) {
      const answer = await fetch(pair.gateway.url + path, { headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, await codeOf(answer)]).toEqual([403, "wrong_kind_of_key"]);
    }
  });

  test("is not taken where it was changed, cut, or minted under another master key", async () => {
    const { key } = await keyWith();
    const token = await tokenOf(key, { policy: { models: ["replay/none"] } });
    const [head = "", seal = ""] = token.slice(4).split(".");
    const claims = JSON.parse(Buffer.from(head, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, policy: {} })).toString("base64url");
    const middle = Math.floor(token.length / 2);
    const changed = token.slice(0, middle) + (token[middle] === "A" ? "B" : "A") + token.slice(middle + 1);
    for (const wrong of [
      `ght_${forged}.${seal}`,
      `ght_${head}.`,
      `ght_${head}`,
      changed,
      `${token}A`,
      token.slice(0, -1),
    ])
      expect(await codeOf(await call(wrong))).toBe("invalid_key");
    const other = await startGateway({ configuration: configurationFor(pair.upstream.url) });
    try {
      const answer = await fetch(`${other.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(401);
    } finally {
      await other.dispose();
    }
  });
});

describe("a token can't exceed its key", () => {
  test.each([
    ["policy.models", { models: ["replay/*"] }, { models: ["*"] }],
    ["policy.providers", { providers: ["replay"] }, { providers: ["openai"] }],
    ["policy.regions", { regions: ["eu-*"] }, { regions: ["us-east"] }],
    ["policy.operations", { operations: ["chat"] }, { operations: ["embedding"] }],
    ["policy.max_output_tokens", { max_output_tokens: 100 }, { max_output_tokens: 101 }],
    ["policy.max_concurrent", { max_concurrent: 2 }, { max_concurrent: 3 }],
    [
      "policy.rate_limits",
      { rate_limits: [{ unit: "requests", limit: 5, per: "minute" }] },
      { rate_limits: [{ unit: "requests", limit: 6, per: "minute" }] },
    ],
    [
      "policy.budgets",
      { budgets: [{ name: "all", amount_usd: "1", window: { kind: "total" } }] },
      { budgets: [{ name: "one", amount_usd: "1.000000001", window: { kind: "total" } }] },
    ],
    ["policy.origins", { origins: [PAGE] }, { origins: [OTHER_PAGE] }],
  ])("%s", async (field, ofKey, asked) => {
    const { key } = await keyWith(ofKey);
    expect(await mint(key, { policy: asked })).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request", param: field, mend: expect.any(String) } },
    });
    expect((await mint(key)).status).toBe(201);
  });

  test("nor a page that nobody listed, nor its key's own end", async () => {
    const { key } = await keyWith();
    expect(await mint(key, { policy: { origins: [PAGE] } })).toMatchObject({
      status: 400,
      body: { error: { param: "policy.origins" } },
    });
    expect((await mint(key, { policy: { origins: [CONFIGURED_PAGE] } })).status).toBe(201);
    const brief = await keyWith({}, { expires_at: new Date(Date.now() + 60_000).toISOString() });
    expect(await mint(brief.key, { expires_in: 120 })).toMatchObject({
      status: 400,
      body: { error: { param: "expires_in" } },
    });
    const { body } = await mint(brief.key);
    expect(Date.parse(textAt(body, "expires_at"))).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  test("what is no order is refused with its field", async () => {
    const { key } = await keyWith();
    for (const [order, field] of [
      [{ end_user: "" }, "end_user"],
      [{ expires_in: 86_401 }, "expires_in"],
      [{ policy: { recording: { max_bytes: 1, keep_days: 1 } } }, "policy.recording"],
      [{ more: 1 }, "more"],
      [{ policy: { models: Array.from({ length: 100 }, (_, i) => `${"m".repeat(190)}${i}`) } }, "policy"],
    ] as const)
      expect(await mint(key, order)).toMatchObject({ status: 400, body: { error: { param: field } } });
  });
});

describe("a token's own bounds hold", () => {
  test("models, operations and output", async () => {
    const { key } = await keyWith();
    const token = await tokenOf(key, {
      policy: { models: ["replay/priced"], operations: ["chat"], max_output_tokens: 7 },
    });
    expect(await codeOf(await call(token, { ...CHAT, model: "replay/else" }))).toBe("model_not_allowed");
    const embedding = await pair.post(
      "/v1/embeddings",
      { model: "replay/priced", input: "hi" },
      {
        headers: { authorization: `Bearer ${token}` },
      },
    );
    expect(await codeOf(embedding)).toBe("operation_not_allowed");
    await pair.upstream.clearCalls();
    expect((await call(token)).status).toBe(200);
    const [sent] = await pair.upstream.calls();
    expect(JSON.parse(sent?.bodyText ?? "{}").max_tokens).toBe(7);
    const models = await fetch(`${pair.gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(JSON.stringify(await models.json())).not.toContain("demo/demo");
  });

  test("rates: each token its own, and the key's over both", async () => {
    const requests = (limit: number) => ({ rate_limits: [{ unit: "requests", limit, per: "hour" }] });
    const { key } = await keyWith(requests(5));
    const one = await tokenOf(key, { policy: requests(3) });
    const two = await tokenOf(key, { policy: requests(3) });
    const many = async (token: string) =>
      (await Promise.all(Array.from({ length: 20 }, () => call(token)))).filter(
        ({ status }) => status === 200,
      ).length;
    expect([await many(one), await many(two)]).toEqual([3, 2]);
  });

  test("budgets: hard at any concurrency, the key's own untouched", async () => {
    const { key } = await keyWith();
    const token = await tokenOf(key, { policy: budgetOf(10.5 * COST) });
    const bound = { ...CHAT, max_tokens: 50 };
    const answers = await Promise.all(Array.from({ length: 200 }, () => call(token, bound)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(10);
    const refused = answers.find(({ status }) => status !== 200);
    expect(await refused?.json()).toMatchObject({ error: { code: "insufficient_quota" } });
    expect((await call(key, bound)).status).toBe(200);
  });

  test("what was spent of it is known after a kill, and the token is still taken", async () => {
    const first = await startPair();
    await first.upstream.scenario("default", { body: wholeAnswer(USED) });
    const minted = await fetch(`${first.gateway.url}/v1/tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${first.gateway.virtualKey}` },
      body: JSON.stringify({ end_user: "ada", policy: budgetOf(2.45 * COST) }),
    });
    const { token } = (await minted.json()) as { token: string };
    const bound = { ...CHAT, max_tokens: 50 };
    const statuses = async (url: string): Promise<number[]> => {
      const all: number[] = [];
      for (let number = 0; number < 2; number++) {
        const answer = await fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify(bound),
        });
        await answer.arrayBuffer();
        all.push(answer.status);
      }
      return all;
    };
    expect(await statuses(first.gateway.url)).toEqual([200, 200]);
    await waitForEndedAttempts(first.gateway, 2);
    await first.gateway.end("SIGKILL");
    const again = await startGateway({
      dataFolder: first.gateway.dataFolder,
      configuration: configurationFor(first.upstream.url),
    });
    try {
      expect(await statuses(again.url)).toEqual([429, 429]);
    } finally {
      await again.dispose();
      await first.dispose();
    }
  });
});

describe("a token ends", () => {
  test("at its moment, exactly", async () => {
    const { key } = await keyWith();
    const { body } = await mint(key, { expires_in: 1 });
    const expiresAtMs = Date.parse(textAt(body, "expires_at"));
    let lastAllowedAtMs = 0;
    let firstRefusedAtMs = 0;
    await waitUntil(async () => {
      const askedAtMs = Date.now();
      const code = await codeOf(await models(textAt(body, "token")));
      if (code === null) lastAllowedAtMs = askedAtMs;
      else firstRefusedAtMs = Date.now();
      return code === "expired_token";
    });
    expect(lastAllowedAtMs).toBeGreaterThan(0);
    expect(lastAllowedAtMs).toBeLessThan(expiresAtMs);
    expect(firstRefusedAtMs).toBeGreaterThanOrEqual(expiresAtMs);
  });

  test("with its key: revoked by the API at once, by the command line within 1 s", async () => {
    const one = await keyWith();
    const token = await tokenOf(one.key);
    expect((await models(token)).status).toBe(200);
    await administer("DELETE", `/admin/v1/keys/${one.id}`);
    expect(await codeOf(await models(token))).toBe("revoked_key");
    const two = await keyWith();
    const other = await tokenOf(two.key);
    expect((await pair.gateway.command("keys", "revoke", two.id)).exitCode).toBe(0);
    await waitUntil(async () => (await codeOf(await models(other))) === "revoked_key", 1000);
  });

  test("and while its key or project is blocked it opens nothing", async () => {
    const { id, key } = await keyWith({}, { project: "shut" });
    const token = await tokenOf(key);
    await administer("POST", `/admin/v1/keys/${id}/block`);
    expect(await codeOf(await models(token))).toBe("blocked_key");
    await administer("POST", `/admin/v1/keys/${id}/unblock`);
    expect(await codeOf(await models(token))).toBeNull();
    await administer("PATCH", "/admin/v1/projects/shut", { blocked: true });
    expect(await codeOf(await models(token))).toBe("blocked_project");
  });

  test("with the secret that minted it: a rotation without grace ends all tokens, one with grace ends them after it", async () => {
    const { id, key } = await keyWith();
    const token = await tokenOf(key);
    const rotated = await administer("POST", `/admin/v1/keys/${id}/rotate`, { grace_seconds: 3600 });
    expect(await codeOf(await models(token))).toBeNull();
    const later = await mint(key, { expires_in: 7200 });
    expect(later).toMatchObject({ status: 400, body: { error: { param: "expires_in" } } });
    const fresh = await tokenOf(textAt(rotated.body, "key"));
    await administer("POST", `/admin/v1/keys/${id}/rotate`, { grace_seconds: 0 });
    for (const ended of [token, fresh]) expect(await codeOf(await models(ended))).not.toBeNull();
  });

  test("and a policy that is narrowed later narrows it too", async () => {
    const { id, key } = await keyWith();
    const token = await tokenOf(key, { policy: { models: ["replay/*"] } });
    expect((await call(token)).status).toBe(200);
    await administer("PATCH", `/admin/v1/keys/${id}`, { policy: { models: ["demo/*"] } });
    expect(await codeOf(await call(token))).toBe("model_not_allowed");
  });
});

describe("pages", () => {
  test("of exactly the token's origin may use it", async () => {
    const { key } = await keyWith({ origins: [PAGE, OTHER_PAGE] });
    const token = await tokenOf(key, { policy: { origins: [PAGE] } });
    const own = await call(token, CHAT, { origin: PAGE });
    expect([own.status, own.headers.get("access-control-allow-origin"), own.headers.get("vary")]).toEqual([
      200,
      PAGE,
      "Origin",
    ]);
    for (const origin of [OTHER_PAGE, CONFIGURED_PAGE]) {
      const other = await call(token, CHAT, { origin });
      expect(other.headers.get("access-control-allow-origin")).toBeNull();
      expect([other.status, await codeOf(other)]).toEqual([403, "origin_not_allowed"]);
    }
    expect((await call(token)).status).toBe(200);
  });

  test("that only a policy lists get preflights for calls, and none for administration", async () => {
    await keyWith({ origins: ["https://policy.example.com"] });
    const preflight = (path: string, origin: string) =>
      fetch(pair.gateway.url + path, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,x-stainless-os",
        },
      });
    const allowed = await preflight("/v1/chat/completions", "https://policy.example.com");
    expect([allowed.status, allowed.headers.get("access-control-allow-headers")]).toEqual([
      204,
      "authorization,x-stainless-os",
    ]);
    for (const [path, origin] of [
      ["/v1/chat/completions", "https://stranger.example.com"],
      ["/admin/v1/keys", "https://policy.example.com"],
      ["/nowhere", "https://policy.example.com"],
    ] as const) {
      const refused = await preflight(path, origin);
      expect([path, refused.headers.get("access-control-allow-origin")]).toEqual([path, null]);
    }
  });

  test("a key with a list is bound to it; one without goes by the configuration", async () => {
    const listed = await keyWith({ origins: [PAGE] });
    const plain = await keyWith();
    const codes = async (key: string) =>
      await Promise.all(
        [PAGE, CONFIGURED_PAGE, "null"].map(async (origin) => codeOf(await call(key, CHAT, { origin }))),
      );
    expect(await codes(listed.key)).toEqual([null, "origin_not_allowed", "origin_not_allowed"]);
    expect(await codes(plain.key)).toEqual(["origin_not_allowed", null, "origin_not_allowed"]);
  });

  test("OpenAI's SDK in a page streams with a token", async () => {
    const { key } = await keyWith({ origins: [PAGE] });
    const apiKey = await tokenOf(key, { policy: { models: ["demo/demo"], origins: [PAGE] } });
    const client = new OpenAI({
      baseURL: `${pair.gateway.url}/v1`,
      apiKey,
      dangerouslyAllowBrowser: true,
      defaultHeaders: { origin: PAGE },
    });
    const stream = await client.chat.completions.create({
      model: "demo/demo",
      messages: [{ role: "user", content: "Hello!" }],
      stream: true,
    });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).not.toBe("");
  });
});

function budgetOf(nano: number): object {
  return {
    budgets: [{ name: "all", amount_usd: (nano / 1e9).toFixed(9), window: { kind: "total" } }],
  };
}

function models(token: string): Promise<Response> {
  return fetch(`${pair.gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
}
