import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administration } from "../admin/administration.ts";
import { textAt } from "../process/json.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { inferencePaths } from "../server/route-entries.ts";
import { SAMPLE_BODIES } from "./sample-bodies.ts";

/** Promise 5: unpriced means refused under a budget; every route that reaches a provider is metered. */

let pair: Pair;

beforeAll(async () => {
  pair = await startPair("routes: { alias: { targets: [replay/priced] } }\n");
});
afterAll(async () => {
  await pair?.dispose();
});

async function keyWith(policy: object): Promise<string> {
  const administer = administration(pair.gateway);
  const made = await administer("POST", "/admin/v1/keys", {
    project: "p",
    name: crypto.randomUUID(),
    policy,
  });
  return textAt(made.body, "key");
}

const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const budgeted = { budgets: [{ name: "all", amount_usd: "100", window: { kind: "total" } }] };

test("5: a model without a price is refused under a budget, and no provider hears of it", async () => {
  await pair.upstream.clearCalls();
  const key = await keyWith(budgeted);
  const body = { model: "replay/unpriced", messages: [{ role: "user", content: "hi" }] };
  for (const stream of [false, true]) {
    const answer = await pair.post("/v1/chat/completions", { ...body, stream }, withKey(key));
    expect(answer.status).toBe(402);
    const { error }: { error: unknown } = JSON.parse(await answer.text());
    expect(error).toMatchObject({ code: "unpriced_model", param: "model" });
  }
  expect(await pair.upstream.callCount()).toBe(0);
  // Without a budget nobody minds.
  expect((await pair.post("/v1/chat/completions", body)).status).toBe(200);
});

describe("5: every route that reaches a provider", () => {
  test("has a sample here", () => {
    expect(Object.keys(SAMPLE_BODIES).sort()).toEqual([...inferencePaths].sort());
  });

  test.each(Object.keys(SAMPLE_BODIES))(
    "%s makes one row an attempt, and passes limits and budget",
    async (path) => {
      const sample = SAMPLE_BODIES[path];
      if (sample === undefined) throw new Error("no sample");
      const { url = path, body, answer: answered } = sample;
      await pair.upstream.clearScenarios();
      if (answered !== undefined) await pair.upstream.scenario("priced", answered);
      await pair.upstream.clearCalls();
      const answer = await pair.post(url, body);
      const requestId = answer.headers.get("x-request-id");
      const calls = await pair.upstream.callCount();
      const { requests, attempts } = await waitForLedger(pair.gateway, (rows) =>
        rows.requests.some(({ id, outcome }) => id === requestId && outcome !== null),
      );
      expect(requests.filter(({ id }) => id === requestId)).toHaveLength(1);
      expect(attempts.filter(({ request_id }) => request_id === requestId)).toHaveLength(calls);
      expect(calls).toBe(sample.calls ?? 1);

      await pair.upstream.clearCalls();
      const limited = await keyWith({ rate_limits: [{ unit: "requests", limit: 1, per: "hour" }] });
      // What the replay server answers is a chat's: to other operations that is no answer, and counts all the same.
      expect([200, 502]).toContain((await pair.post(url, body, withKey(limited))).status);
      expect((await pair.post(url, body, withKey(limited))).status).toBe(429);
      if (sample.isFree) return;
      const poor = await keyWith({
        budgets: [{ name: "all", amount_usd: "0.000000001", window: { kind: "total" } }],
      });
      expect([402, 429]).toContain((await pair.post(url, body, withKey(poor))).status);
      expect(await pair.upstream.callCount()).toBe(calls);
    },
  );
});
