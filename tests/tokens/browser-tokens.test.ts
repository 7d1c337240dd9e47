import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { startGateway } from "../process/gateway-process.ts";
import { objectAt, textAt, valueAt } from "../process/json.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { SAMPLE_BODIES } from "../promises/sample-bodies.ts";
import { inferencePaths } from "../server/route-entries.ts";
import { CHAT, CONFIGURED_PAGE, call, codeOf, keyWith, mint, pair, runMinting, tokenOf } from "./minting.ts";

/** Browser tokens, from outside: what a backend mints and a page uses. */

runMinting();

const PAGE = "https://app.example.com";
const OTHER_PAGE = "https://other.example.com";

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
