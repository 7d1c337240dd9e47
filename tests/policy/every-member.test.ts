import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { policyMembers } from "../../src/policy/document/policy-schema.ts";
import { type Administer, administration } from "../admin/administration.ts";
import { wholeAnswer } from "../process/chat-answers.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { objectsAt, textAt } from "../process/json.ts";
import { type Pair, startPair } from "../process/pair.ts";

/**
 * Every member of a policy is enforced, as a project's, a key's and a token's: a member that is taken and not kept would
 * be a lie. A member that is added must be added here.
 */

setDefaultTimeout(20_000);

const CHAT = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 50 };

let pair: Pair;
let administer: Administer;

beforeAll(async () => {
  pair = await startPair(
    "routes: { alias: { targets: [replay/priced] }, placed: { targets: [{ model: replay/priced, region: eu-north }] } }\n",
  );
  administer = administration(pair.gateway);
});
afterAll(() => pair.dispose());
beforeEach(async () => {
  await pair.upstream.clearScenarios();
  await pair.upstream.scenario("default", { body: wholeAnswer({ prompt: 20, completion: 50 }) });
  await pair.upstream.clearCalls();
});

interface Told {
  readonly status: number;
  readonly code: string | null;
}

async function ask(credential: string, body: object = CHAT, headers: object = {}): Promise<Told> {
  const answer = await pair.post("/v1/chat/completions", body, {
    headers: { authorization: `Bearer ${credential}`, ...headers } as never,
  });
  await answer.arrayBuffer();
  return { status: answer.status, code: answer.headers.get("x-gatehouse-error") };
}

/** Credentials that the same policy is over: of the project, of the key, of the token. */
async function credentialsUnder(policy: object): Promise<[string, string][]> {
  const project = `p ${crypto.randomUUID()}`;
  await administer("POST", "/admin/v1/projects", { name: project, policy });
  const key = async (order: object): Promise<string> => {
    const made = await administer("POST", "/admin/v1/keys", { name: "k", ...order });
    expect(made.status).toBe(201);
    return textAt(made.body, "key");
  };
  const plain = await key({ project: `plain ${crypto.randomUUID()}` });
  const minted = await pair.post(
    "/v1/tokens",
    { end_user: "ada", policy },
    { headers: { authorization: `Bearer ${plain}` } },
  );
  const credentials: [string, string][] = [
    ["project", await key({ project })],
    ["key", await key({ project: `own ${crypto.randomUUID()}`, policy })],
  ];
  // A page that neither key nor configuration lists is refused at minting already; recording is the project's alone.
  if (minted.status === 201) credentials.push(["token", ((await minted.json()) as { token: string }).token]);
  return credentials;
}

const ok: Told = { status: 200, code: null };

interface Case {
  readonly policy: object;
  /** What holds for whoever is under the policy. */
  expect(credential: string): Promise<void>;
  /** Scopes that can't have it. */
  readonly without?: readonly string[];
}

const CASES: { readonly [Member in keyof typeof policyMembers]: Case } = {
  models: {
    policy: { models: ["alias"] },
    async expect(credential) {
      expect(await ask(credential, { ...CHAT, model: "alias" })).toEqual(ok);
      expect((await ask(credential)).code).toBe("model_not_allowed");
    },
  },
  providers: {
    policy: { providers: ["demo"] },
    async expect(credential) {
      expect(await ask(credential, { ...CHAT, model: "demo/demo" })).toEqual(ok);
      expect((await ask(credential)).code).toBe("model_not_allowed");
    },
  },
  regions: {
    policy: { regions: ["eu-*"] },
    async expect(credential) {
      expect(await ask(credential, { ...CHAT, model: "placed" })).toEqual(ok);
      await pair.upstream.clearCalls();
      expect((await ask(credential)).code).toBe("no_target");
      expect(await pair.upstream.callCount()).toBe(0);
    },
  },
  operations: {
    policy: { operations: ["embedding"] },
    async expect(credential) {
      expect((await ask(credential)).code).toBe("operation_not_allowed");
    },
  },
  max_output_tokens: {
    policy: { max_output_tokens: 7 },
    async expect(credential) {
      await pair.upstream.clearCalls();
      expect(await ask(credential)).toEqual(ok);
      expect(await ask(credential, { ...CHAT, max_tokens: 3 })).toEqual(ok);
      const { max_tokens: _left, ...unbound } = CHAT;
      expect(await ask(credential, unbound)).toEqual(ok);
      const sent = (await pair.upstream.calls()).map(({ bodyText }) => JSON.parse(bodyText));
      expect(
        sent.map(({ max_tokens, max_completion_tokens }) => max_tokens ?? max_completion_tokens),
      ).toEqual([7, 3, 7]);
    },
  },
  max_concurrent: {
    policy: { max_concurrent: 2 },
    async expect(credential) {
      await pair.upstream.scenario("default", {
        body: wholeAnswer({ prompt: 20, completion: 50 }),
        delayBeforeHeadersMs: 500,
      });
      const told = await Promise.all(Array.from({ length: 10 }, () => ask(credential)));
      expect(told.filter(({ status }) => status === 200).length).toBe(2);
      expect(told.filter(({ code }) => code === "too_many_concurrent").length).toBe(8);
    },
  },
  rate_limits: {
    policy: { rate_limits: [{ unit: "requests", limit: 3, per: "hour" }] },
    async expect(credential) {
      const told = await Promise.all(Array.from({ length: 10 }, () => ask(credential)));
      expect(told.filter(({ status }) => status === 200).length).toBe(3);
      expect(told.filter(({ code }) => code === "rate_limited").length).toBe(7);
    },
  },
  budgets: {
    policy: { budgets: [{ name: "all", amount_usd: "0.0002", window: { kind: "total" } }] },
    async expect(credential) {
      const told = await Promise.all(Array.from({ length: 10 }, () => ask(credential)));
      expect(told.filter(({ status }) => status === 200).length).toBe(1);
      expect(told.filter(({ code }) => code === "budget_exhausted").length).toBe(9);
    },
  },
  origins: {
    policy: { origins: ["https://app.example.com"] },
    without: ["token"],
    async expect(credential) {
      const from = (origin: string) => ask(credential, CHAT, { origin });
      expect(await from("https://app.example.com")).toEqual(ok);
      expect((await from("https://other.example.com")).code).toBe("origin_not_allowed");
    },
  },
  recording: {
    policy: { recording: { max_bytes: 40, keep_days: 2 } },
    without: ["token"],
    async expect(credential) {
      const answer = await pair.post("/v1/chat/completions", CHAT, {
        headers: { authorization: `Bearer ${credential}` },
      });
      const id = answer.headers.get("x-request-id");
      let kept: readonly unknown[] = [];
      await waitUntil(async () => {
        const found = await administer("GET", `/admin/v1/requests/${id}`);
        kept = found.status === 200 ? objectsAt(found.body, "bodies") : [];
        return kept.length === 2;
      });
      expect(kept).toMatchObject([{ is_cut: true }, { is_cut: true }]);
    },
  },
};

describe("a member of a policy holds", () => {
  for (const [member, one] of Object.entries(CASES)) {
    test(member, async () => {
      const credentials = await credentialsUnder(one.policy);
      const scopes = credentials.map(([scope]) => scope);
      expect(scopes).toEqual(
        ["project", "key", "token"].filter((scope) => one.without?.includes(scope) !== true),
      );
      for (const [, credential] of credentials) await one.expect(credential);
    });
  }

  test.each([
    ["tokens", 300],
    ["input_tokens", 150],
    ["output_tokens", 120],
  ] as const)("a rate limit of %s: charged by estimate, corrected by the truth", async (unit, limit) => {
    const policy = { rate_limits: [{ unit, limit, per: "hour" }] };
    const made = await administer("POST", "/admin/v1/keys", { project: "rates", name: "k", policy });
    let admitted = 0;
    let last: Told = ok;
    for (let number = 0; number < 20 && last.status === 200; number++) {
      last = await ask(textAt(made.body, "key"));
      if (last.status === 200) admitted++;
    }
    expect(last.code).toBe("rate_limited");
    expect(admitted).toBeGreaterThan(1);
    expect(admitted).toBeLessThan(10);
  });
});
