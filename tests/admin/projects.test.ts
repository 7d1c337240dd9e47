import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { numberAt, objectAt, objectsAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { type Administer, administration } from "./administration.ts";
import { POLICY } from "./examples.ts";

setDefaultTimeout(20_000);

let gateway: GatewayProcess;
let administer: Administer;

beforeAll(async () => {
  gateway = await startGateway();
  administer = administration(gateway);
});
afterAll(() => gateway.dispose());

const projects = "/admin/v1/projects";

describe("projects", () => {
  test("are made, read, changed and deleted", async () => {
    const order = { name: "main-backend", title: "Main backend", markup: "1.20", policy: POLICY };
    const made = await administer("POST", projects, order);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: "main-backend",
      title: "Main backend",
      blocked: false,
      blocked_at: null,
      markup: "1.2",
      retention_days: null,
      policy: {
        ...POLICY,
        budgets: [
          { ...POLICY.budgets[0], amount_usd: "25", alert_percents: [50, 80, 100] },
          { ...POLICY.budgets[1], amount_usd: "0.5" },
        ],
      },
    });
    expect(made.headers.get("etag")).toBe(`"${numberAt(made.body, "revision")}"`);
    expect((await administer("GET", `${projects}/main-backend`)).body).toEqual(made.body);
    const changed = await administer("PATCH", `${projects}/main-backend`, {
      title: null,
      markup: 2,
      retention_days: 90,
      policy: { models: ["demo/*"], budgets: null },
    });
    const { budgets: _, ...rest } = objectAt(made.body, "policy");
    expect(changed.body).toMatchObject({ title: null, markup: "2", retention_days: 90 });
    expect(valueAt(changed.body, "policy")).toEqual({ ...rest, models: ["demo/*"] });
    expect(valueAt(changed.body, "revision")).toBeGreaterThan(numberAt(made.body, "revision"));
    expect((await administer("DELETE", `${projects}/main-backend`)).body).toEqual({
      id: "main-backend",
      deleted: true,
    });
    expect((await administer("GET", `${projects}/main-backend`)).status).toBe(404);
  });

  test("a markup is a factor or a percentage, and kept as an exact factor", async () => {
    await administer("POST", projects, { name: "billed" });
    for (const [given, kept] of [
      ["20%", "1.2"],
      ["-5%", "0.95"],
      [1.5, "1.5"],
      ["1.0", "1"],
    ]) {
      expect(
        valueAt((await administer("PATCH", `${projects}/billed`, { markup: given })).body, "markup"),
      ).toBe(kept);
    }
  });

  test("one of a name that there is is not made again", async () => {
    await administer("POST", projects, { name: "twice", title: "First" });
    const again = await administer("POST", projects, { name: "twice" });
    expect([
      again.status,
      valueAt(again.body, "error", "code"),
      valueAt(again.body, "error", "field"),
    ]).toEqual([409, "already_exists", "name"]);
    expect(valueAt((await administer("GET", `${projects}/twice`)).body, "title")).toBe("First");
  });

  test("a deleted one is deleted however often, and comes back as it is made anew", async () => {
    await administer("POST", projects, { name: "gone", title: "Old", policy: POLICY });
    for (let time = 0; time < 2; time++)
      expect((await administer("DELETE", `${projects}/gone`)).status).toBe(200);
    expect((await administer("POST", "/admin/v1/keys", { project: "gone", name: "n" })).status).toBe(404);
    const names = objectsAt((await administer("GET", projects)).body, "data").map(({ name }) => name);
    expect(names).not.toContain("gone");
    const back = await administer("POST", projects, { name: "gone" });
    expect([back.status, valueAt(back.body, "title"), valueAt(back.body, "policy")]).toEqual([201, null, {}]);
    expect((await administer("DELETE", `${projects}/never-was`)).status).toBe(404);
  });

  test("one with keys that are not revoked stays", async () => {
    const key = (await administer("POST", "/admin/v1/keys", { project: "used", name: "n" })).body;
    const refused = await administer("DELETE", `${projects}/used`);
    expect([refused.status, valueAt(refused.body, "error", "code")]).toEqual([409, "conflict"]);
    await administer("POST", `/admin/v1/keys/${textAt(key, "id")}/block`);
    expect((await administer("DELETE", `${projects}/used`)).status).toBe(409);
    await administer("DELETE", `/admin/v1/keys/${textAt(key, "id")}`);
    expect((await administer("DELETE", `${projects}/used`)).status).toBe(200);
    expect((await administer("GET", `/admin/v1/keys/${textAt(key, "id")}`)).body).toMatchObject({
      state: "revoked",
    });
  });

  test("a change made for what it no longer is is refused, by If-Match and by revision", async () => {
    const revision = numberAt((await administer("POST", projects, { name: "stale" })).body, "revision");
    const path = `${projects}/stale`;
    const change = (body: object, headers = {}) => administer("PATCH", path, body, headers);
    const first = await change({ title: "1" }, { "if-match": `"${revision}"` });
    expect(first.status).toBe(200);
    for (const [body, headers] of [
      [{ title: "2" }, { "if-match": `"${revision}"` }],
      [{ title: "2" }, { "if-match": '"other"' }],
      [{ title: "2" }, { "if-match": `W/"${numberAt(first.body, "revision")}"` }],
      [{ title: "2", revision }, {}],
    ] as const) {
      const { status, body: answer } = await change(body, headers);
      expect([status, valueAt(answer, "error", "code")]).toEqual([412, "stale_revision"]);
    }
    expect((await administer("DELETE", path, undefined, { "if-match": `"${revision}"` })).status).toBe(412);
    expect(valueAt((await administer("GET", path)).body, "title")).toBe("1");
    for (const headers of [
      { "if-match": `"7", "${numberAt(first.body, "revision")}"` },
      { "if-match": "*" },
      {},
    ])
      expect((await change({ title: `${JSON.stringify(headers)}` }, headers)).status).toBe(200);
  });

  test("a change that changes nothing leaves the revision as it is, and no trace", async () => {
    const made = (await administer("POST", projects, { name: "calm", title: "T", policy: POLICY })).body;
    const again = await administer("PATCH", `${projects}/calm`, {
      title: "T",
      policy: POLICY,
      blocked: false,
    });
    expect(again.body).toEqual(made);
    const log = await administer("GET", "/admin/v1/audit-log?resource_id=calm");
    expect(valueAt(log.body, "data")).toHaveLength(1);
  });

  test("fifty changes at once are all made, one after the other", async () => {
    await administer("POST", projects, { name: "busy" });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => administer("PATCH", `${projects}/busy`, { title: `t${i}` })),
    );
    const revisions = answers.map(({ body }) => numberAt(body, "revision"));
    expect(new Set(revisions).size).toBe(50);
    const last = answers.find(({ body }) => valueAt(body, "revision") === Math.max(...revisions));
    expect(valueAt((await administer("GET", `${projects}/busy`)).body, "title")).toBe(
      valueAt(last?.body, "title"),
    );
  });

  test.each([
    [{ name: "" }, "name"],
    [{ name: "a/b" }, "name"],
    [{ name: ".." }, "name"],
    [{ name: " a" }, "name"],
    [{ name: "a " }, "name"],
    [{ name: "a\nb" }, "name"],
    [{ name: "a%2fb" }, "name"],
    [{ name: "x".repeat(101) }, "name"],
    [{ name: 5 }, "name"],
    [{}, "name"],
    [{ name: "x", markup: "-1" }, "markup"],
    [{ name: "x", markup: -0.5 }, "markup"],
    [{ name: "x", markup: "20 percent" }, "markup"],
    [{ name: "x", markup: 1001 }, "markup"],
    [{ name: "x", markup: "-101%" }, "markup"],
    [{ name: "x", retention_days: 0 }, "retention_days"],
    [{ name: "x", policy: { budgets: [{ name: "b" }] } }, "policy.budgets[0].amount_usd"],
    [{ name: "x", policy: null }, "policy"],
    ['{"name": "x", "__proto__": {"title": "y"}}', "__proto__"],
    ['{"name": "x", "policy": {"__proto__": {"models": ["*"]}}}', "__proto__"],
  ])("%j is refused", async (order, field) => {
    const { status, body } = await administer("POST", projects, order);
    expect([status, valueAt(body, "error", "code"), valueAt(body, "error", "field")]).toEqual([
      400,
      "invalid_request",
      field,
    ]);
    expect(valueAt(body, "error", "mend")).not.toBe("");
  });

  test.each(["Übersetzung", "a b.c_d-e:f@g+h", "東京", "x".repeat(100)])("%j is a name", async (name) => {
    expect((await administer("POST", projects, { name })).status).toBe(201);
    expect(valueAt((await administer("GET", `${projects}/${encodeURIComponent(name)}`)).body, "name")).toBe(
      name,
    );
  });
});

describe("a project's policy", () => {
  const models = async (key: string) => {
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": key } });
    return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  const chat = async (key: string, model: string) => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "x-api-key": key },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
    });
    const body = (await answer.json()) as { error?: { code: string; message: string } };
    return [answer.status, body.error?.code, body.error?.message] as const;
  };

  test("bounds its keys, however wide they are, from the very next call on", async () => {
    await administer("POST", projects, { name: "narrow", policy: { models: ["openai/*"] } });
    const order = { project: "narrow", name: "wide", policy: { models: ["*"] } };
    const made = (await administer("POST", "/admin/v1/keys", order)).body;
    expect(valueAt(made, "effective")).toMatchObject({
      models: [["openai/*"]],
      narrowed: [{ member: "models" }],
    });
    const [status, code, message] = await chat(textAt(made, "key"), "demo/demo");
    expect([status, code]).toEqual([403, "model_not_allowed"]);
    expect(message).toContain("openai/*; of these only: *");
    expect(await models(textAt(made, "key"))).not.toContain("demo/demo");
    await administer("PATCH", `${projects}/narrow`, { policy: { models: ["demo/*"] } });
    expect((await chat(textAt(made, "key"), "demo/demo"))[0]).toBe(200);
    expect(await models(textAt(made, "key"))).toEqual(["demo/demo"]);
    await administer("PATCH", `/admin/v1/keys/${textAt(made, "id")}`, { policy: { models: ["openai/*"] } });
    expect((await chat(textAt(made, "key"), "demo/demo"))[0]).toBe(403);
    await administer("PATCH", `${projects}/narrow`, { policy: { models: null } });
    expect((await chat(textAt(made, "key"), "demo/demo"))[0]).toBe(403);
    await administer("PATCH", `/admin/v1/keys/${textAt(made, "id")}`, { policy: { models: null } });
    expect((await chat(textAt(made, "key"), "demo/demo"))[0]).toBe(200);
  });

  test("is told for a project and for a key, with what comes of both", async () => {
    await administer("POST", projects, { name: "told", policy: { max_output_tokens: 10 } });
    const order = { project: "told", name: "n", policy: { max_output_tokens: 20 } };
    const { id } = textsAt((await administer("POST", "/admin/v1/keys", order)).body, "id");
    expect((await administer("GET", `${projects}/told/effective`)).body).toMatchObject({
      policies: [{ scope: "project", id: "told", policy: { max_output_tokens: 10 } }],
      effective: { max_output_tokens: 10, narrowed: [] },
    });
    expect((await administer("GET", `/admin/v1/keys/${id}/effective`)).body).toMatchObject({
      policies: [{ scope: "project" }, { scope: "key", id, policy: { max_output_tokens: 20 } }],
      effective: { max_output_tokens: 10, narrowed: [{ member: "max_output_tokens", scope: "key" }] },
    });
  });
});
