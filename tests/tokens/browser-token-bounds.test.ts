import { describe, expect, test } from "bun:test";
import { wholeAnswer } from "../process/chat-answers.ts";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { textAt } from "../process/json.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { configurationFor, startPair } from "../process/pair.ts";
import {
  administer,
  CHAT,
  call,
  codeOf,
  keyWith,
  mint,
  models,
  pair,
  runMinting,
  tokenOf,
  USED,
} from "./minting.ts";

/** Browser tokens, from outside: the bounds that they have of their own, and when they end. */

runMinting();

/** 20 tokens at 1 dollar and 50 at 2 dollars a million. */
const COST = 20_000 + 100_000;

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

function budgetOf(nano: number): object {
  return {
    budgets: [{ name: "all", amount_usd: (nano / 1e9).toFixed(9), window: { kind: "total" } }],
  };
}
