import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import OpenAI from "openai";
import { StoredResponseDatabase } from "../../src/storage/stored-response-database.ts";
import { administration } from "../admin/administration.ts";
import { removeTemporaryFolders, temporaryFolder } from "../ledger/temporary-folder.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { textAt } from "../process/json.ts";
import { readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { type ResponsesProvider, startResponsesProvider } from "./responses-provider.ts";

/** A request that goes on from a response goes to the provider that stores that, whatever its route would choose. */

setDefaultTimeout(30_000);

let one: ResponsesProvider;
let two: ResponsesProvider;
let gateway: GatewayProcess;

const configuration = (targets = "[one/m, two/m]") =>
  [
    "providers:",
    `  one: { dialect: openai-responses, base_url: "${one.url}/v1", keys: [sk-a, sk-b, sk-c], region: eu }`,
    `  two: { dialect: openai-responses, base_url: "${two.url}/v1", key: sk-two }`,
    `  azure-deployments: { base_url: "${two.url}/v1", key: sk-azure, options: { api_version: 2025-03-01 } }`,
    "routes:",
    `  any: { strategy: round-robin, targets: ${targets} }`,
    "  placed: { targets: [{ model: two/m, region: us }] }",
    "  copied: { targets: [one/m], shadow: { target: two/s, percent: 100 } }",
    "",
  ].join("\n");

beforeAll(async () => {
  [one, two] = [startResponsesProvider("one"), startResponsesProvider("two")];
  gateway = await startGateway({ configuration: configuration() });
});
afterAll(async () => {
  await gateway.dispose();
  await Promise.all([one.stop(), two.stop()]);
  removeTemporaryFolders();
});

async function ask(body: object, key = gateway.virtualKey, url = gateway.url) {
  const answer = await fetch(`${url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "any", input: "hello", ...body }),
  });
  const text = await answer.text();
  const id = /"id":"(resp_\w+)"/.exec(text)?.[1] ?? "";
  return { status: answer.status, text, id, target: answer.headers.get("x-gatehouse-target") };
}

async function tokenFor(endUser: string): Promise<string> {
  const minted = await fetch(`${gateway.url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify({ end_user: endUser }),
  });
  return ((await minted.json()) as { token: string }).token;
}

describe("a stored response", () => {
  test.each([false, true])(
    "is gone on from where it is, by the account that made it (stream: %p)",
    async (stream) => {
      const used = new Set<string>();
      for (let conversation = 0; conversation < 12; conversation++) {
        let { id, status } = await ask({ stream });
        expect(status).toBe(200);
        for (let turn = 0; turn < 3; turn++) {
          const account = one.madeBy.get(id) ?? two.madeBy.get(id) ?? "nobody";
          used.add(account);
          const next = await ask({ stream, previous_response_id: id });
          expect([next.status, one.madeBy.get(next.id) ?? two.madeBy.get(next.id)]).toEqual([200, account]);
          id = next.id;
        }
      }
      // By turns the first was made at one provider and at the other.
      expect(used.size).toBeGreaterThan(1);
    },
  );

  test("is not gone on from by a shadow, which can't know it", async () => {
    const copies = () => readLedger(gateway).attempts.filter(({ purpose }) => purpose === "shadow").length;
    const { id } = await ask({ model: "copied" });
    await waitUntil(() => copies() === 1);
    expect((await ask({ model: "copied", previous_response_id: id })).status).toBe(200);
    expect((await ask({ model: "copied" })).status).toBe(200);
    await waitUntil(() => copies() === 2);
  });

  test("of another provider than the model's is refused before a call is made, and says whose it is", async () => {
    const { id } = await ask({ model: "two/m" });
    const refused = await ask({ model: "one/m", previous_response_id: id });
    expect([refused.status, JSON.parse(refused.text).error]).toMatchObject([
      400,
      { code: "cannot_translate", param: "previous_response_id" },
    ]);
    expect(refused.text).toContain("is stored by two");
    expect((await ask({ model: "two/other", previous_response_id: id })).status).toBe(200);
  });

  test("that is not known here is the provider's to judge", async () => {
    const strange = await ask({ model: "two/m", previous_response_id: "resp_elsewhere" });
    expect([strange.status, strange.text]).toEqual([400, expect.stringContaining("not found")]);
  });

  test("of another project is refused before a call is made", async () => {
    const { id } = await ask({ model: "two/m" });
    const administer = administration(gateway);
    const key = textAt(
      (await administer("POST", "/admin/v1/keys", { project: "other", name: "o" })).body,
      "key",
    );
    for (const model of ["one/m", "two/m", "any"]) {
      const other = await ask({ model, previous_response_id: id }, key);
      expect([other.status, JSON.parse(other.text).error]).toMatchObject([
        404,
        { code: "not_found", param: "previous_response_id" },
      ]);
    }
    const ofOther = (row: { readonly project: string }) => row.project === "other";
    const { attempts } = await waitForLedger(gateway, (rows) => rows.requests.filter(ofOther).length === 3);
    expect(attempts.filter(ofOther)).toEqual([]);
  });

  test("is gone on from by a browser token of the end user that it was made for, and of no other", async () => {
    const [ada, adaAgain, bob] = [await tokenFor("ada"), await tokenFor("ada"), await tokenFor("bob")];
    const own = await ask({ model: "two/m" }, ada);
    const ofProject = await ask({ model: "two/m" });
    const goOn = async (id: string, token: string) =>
      (await ask({ model: "two/m", previous_response_id: id }, token)).status;
    expect([await goOn(own.id, ada), await goOn(own.id, adaAgain)]).toEqual([200, 200]);
    expect(await goOn(own.id, gateway.virtualKey)).toBe(200);
    expect([await goOn(own.id, bob), await goOn(ofProject.id, ada), await goOn("resp_x", ada)]).toEqual([
      404, 404, 404,
    ]);
  });
});

describe("read back", () => {
  const at = (id: string, more: object = {}, key = gateway.virtualKey) =>
    fetch(`${gateway.url}/v1/responses/${id}`, { headers: { authorization: `Bearer ${key}` }, ...more });

  /** A key of the same project, under a policy of its own. */
  const narrow = async (policy: object): Promise<string> => {
    const name = crypto.randomUUID();
    const made = await administration(gateway)("POST", "/admin/v1/keys", {
      project: "default",
      name,
      policy,
    });
    return textAt(made.body, "key");
  };

  test("from the provider that stores it, with the account that made it; OpenAI's SDK does so too", async () => {
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.virtualKey, maxRetries: 0 });
    for (let number = 0; number < 8; number++) {
      const { id } = await openai.responses.create({ model: "any", input: "hello" });
      expect(await openai.responses.retrieve(id)).toMatchObject({ id, method: "GET", rest: "" });
      const items = await at(`${id}/input_items?limit=2&order=asc&api-key=no&include[]=x`);
      expect(await items.json()).toMatchObject({
        id,
        rest: "/input_items",
        search: "?include%5B%5D=x&limit=2&order=asc",
      });
      expect(items.headers.get("x-gatehouse-provider")).toBe(id.split("_")[1] ?? "");
      await openai.responses.delete(id);
      const gone = await at(id);
      expect([gone.status, await gone.text()]).toEqual([400, expect.stringContaining("not found")]);
    }
  });

  test("at an address that has a query already", async () => {
    const { id, status } = await ask({ model: "azure-deployments/m" });
    expect(status).toBe(200);
    const items = await at(`${id}/input_items?limit=2`);
    expect([items.status, await items.json()]).toEqual([
      200,
      expect.objectContaining({ id, rest: "/input_items", search: "?api-version=2025-03-01&limit=2" }),
    ]);
    expect(await (await at(id)).json()).toMatchObject({ id, search: "?api-version=2025-03-01" });
  });

  test("by nobody else, and nothing is asked for what is not known", async () => {
    const { id } = await ask({ model: "two/m" });
    const administer = administration(gateway);
    const key = textAt(
      (await administer("POST", "/admin/v1/keys", { project: "third", name: "o" })).body,
      "key",
    );
    const token = await tokenFor("ada");
    for (const stranger of [key, await narrow({ providers: ["one"] }), token]) {
      const refused = await at(id, {}, stranger);
      expect([refused.status, JSON.parse(await refused.text()).error.code]).toEqual([404, "not_found"]);
    }
    for (const strange of ["resp_unknown", "..%2f..%2fmodels", "x".repeat(2000)])
      expect([400, 404]).toContain((await at(strange)).status);
    expect((await at(`${id}?stream=true`)).status).toBe(400);
    expect((await at(id)).status).toBe(200);
  });

  test("by whoever may ask for what it was made with", async () => {
    const direct = (await ask({ model: "two/m" })).id;
    const routed = (await ask({ model: "copied" })).id;
    const seen = async (policy: object) => {
      const key = await narrow(policy);
      return [(await at(direct, {}, key)).status, (await at(routed, {}, key)).status];
    };
    expect(await seen({ models: ["two/m"] })).toEqual([200, 404]);
    expect(await seen({ models: ["copied"] })).toEqual([404, 200]);
    expect(await seen({ models: ["two/other"] })).toEqual([404, 404]);
    expect(await seen({ regions: ["eu"] })).toEqual([404, 200]);
    expect(await seen({ operations: ["chat"] })).toEqual([200, 200]);
    expect(await seen({ operations: ["embedding"] })).toEqual([403, 403]);
  });

  test("by whoever may have it from the region that its route's target is written to stand in", async () => {
    const { id, status } = await ask({ model: "placed" });
    expect(status).toBe(200);
    const seen = async (region: string) => (await at(id, {}, await narrow({ regions: [region] }))).status;
    expect([await seen("us"), await seen("eu")]).toEqual([200, 404]);
  });

  test("as often as the caller's limits allow", async () => {
    const { id } = await ask({ model: "two/m" });
    const key = await narrow({ rate_limits: [{ unit: "requests", limit: 1, per: "hour" }] });
    expect([(await at(id, {}, key)).status, (await at(id, {}, key)).status]).toEqual([200, 429]);
  });
});

describe("after a restart", () => {
  test("a stored response is found", async () => {
    const { id } = await ask({ model: "one/m" });
    const account = one.madeBy.get(id);
    await gateway.end();
    const again = await startGateway({ dataFolder: gateway.dataFolder, configuration: configuration() });
    const next = await ask({ previous_response_id: id }, gateway.virtualKey, again.url);
    expect([next.status, next.target, one.madeBy.get(next.id)]).toEqual([200, "one/m", account]);
    await again.end("SIGKILL");
  });

  test.each([false, true])(
    "so is one that was not written yet, which is read back from memory until then (stream: %p)",
    async (stream) => {
      const started = await startGateway({ configuration: configuration() });
      try {
        const { virtualKey, dataFolder } = started;
        const headers = { authorization: `Bearer ${virtualKey}` };
        const other = new Database(join(dataFolder, "data", "responses.db"), { readwrite: true });
        other.run("begin immediate");
        const { id } = await ask({ model: "one/m", stream }, virtualKey, started.url);
        expect((await fetch(`${started.url}/v1/responses/${id}`, { headers })).status).toBe(200);
        await waitUntil(() => started.log().includes("stored responses not remembered"), 20_000, "the log");
        expect((await fetch(`${started.url}/v1/responses/${id}`, { headers })).status).toBe(200);
        expect(other.query("select id from stored_responses").values()).toEqual([]);
        other.run("rollback");
        other.close();
        expect(await started.end()).toBe(0);
        const again = await startGateway({ dataFolder, configuration: configuration() });
        expect((await fetch(`${again.url}/v1/responses/${id}`, { headers })).status).toBe(200);
        await again.end("SIGKILL");
      } finally {
        await started.dispose();
      }
    },
  );
});

describe("which provider stores what", () => {
  const DAY_MS = 86_400_000;
  const fail = (error: unknown) => {
    throw error;
  };
  const response = { provider: "p", credential: "2", route: "r", model: "m" };

  test("is remembered for 30 days, project by project, and of so many at most", () => {
    const responses = new StoredResponseDatabase(temporaryFolder(), fail, 1_500);
    responses.note("a", "first", response, 0);
    responses.note("a", "first", { ...response, provider: "another" }, 1);
    expect(responses.find("a", "first", 30 * DAY_MS - 1)).toEqual(response);
    responses.note("b", "ada's", { ...response, endUser: "ada" }, 0);
    expect(responses.find("b", "ada's", 0)).toEqual({ ...response, endUser: "ada" });
    expect([responses.isOfAnother("b", "first"), responses.isOfAnother("a", "first")]).toEqual([true, false]);
    expect(responses.isOfAnother("b", "second")).toBe(false);
    expect([responses.find("b", "first", 1), responses.find("a", "first", 30 * DAY_MS)]).toEqual([
      undefined,
      undefined,
    ]);
    for (let number = 0; number < 3_000; number++) responses.note("a", `id-${number}`, response, DAY_MS);
    expect([responses.find("a", "first", DAY_MS), responses.find("a", "id-499", DAY_MS)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(responses.find("a", "id-2999", DAY_MS)).toEqual(response);
    responses.close();
  });

  test("is found at once, and in the file when that is closed", () => {
    const folder = temporaryFolder();
    const [responses, other] = [
      new StoredResponseDatabase(folder, fail),
      new StoredResponseDatabase(folder, fail),
    ];
    responses.note("a", "new", response, 0);
    expect([responses.find("a", "new", 0), responses.isOfAnother("b", "new")]).toEqual([response, true]);
    expect([other.find("a", "new", 0), other.isOfAnother("b", "new")]).toEqual([undefined, false]);
    responses.close();
    expect([other.find("a", "new", 0), other.isOfAnother("b", "new")]).toEqual([response, true]);
    other.close();
  });

  test("of a version that noted less is known still", () => {
    const folder = temporaryFolder();
    const file = new Database(join(folder, "responses.db"));
    file.run(`create table responses (number integer primary key autoincrement, project text not null,
      id text not null, provider text not null, credential text not null, noted_at_ms integer not null,
      unique (project, id)) strict`);
    file.run("insert into responses values (7, 'a', 'old', 'p', '2', 0)");
    file.close();
    for (let start = 0; start < 2; start++) {
      const responses = new StoredResponseDatabase(folder, fail);
      expect(responses.find("a", "old", 0)).toEqual({ ...response, route: "", model: "" });
      expect(responses.isOfAnother("b", "old")).toBe(true);
      responses.note("a", `new-${start}`, response, 0);
      responses.close();
    }
    const after = new StoredResponseDatabase(folder, fail);
    expect([after.find("a", "new-0", 0), after.find("a", "new-1", 0)]).toEqual([response, response]);
    after.close();
  });

  test("that can't be written is told once, tried again, and not held for ever", () => {
    const folder = temporaryFolder();
    const told: string[] = [];
    const responses = new StoredResponseDatabase(folder, (error) => told.push(String(error)));
    const file = new Database(join(folder, "responses.db"));
    file.run("alter table stored_responses rename to away");
    responses.note("a", "first", response, 0);
    responses.write();
    responses.write();
    expect(told).toEqual([expect.stringContaining("no such table")]);
    file.run("alter table away rename to stored_responses");
    responses.note("a", "second", response, 0);
    responses.write();
    expect(file.query("select id from stored_responses order by number").values()).toEqual([
      ["first"],
      ["second"],
    ]);
    file.run("alter table stored_responses rename to away");
    for (let number = 0; number < 1_000; number++) responses.note("a", `id-${number}`, response, 0);
    expect(told.length).toBe(2);
    file.run("alter table away rename to stored_responses");
    expect(responses.find("a", "id-999", 0)).toBeUndefined();
    responses.close();
    file.close();
  });

  test("is forgotten when it is old", () => {
    const folder = temporaryFolder();
    const responses = new StoredResponseDatabase(folder, fail);
    responses.note("a", "old", response, 0);
    responses.close();
    const later = new StoredResponseDatabase(folder, fail);
    later.note("a", "new", response, 40 * DAY_MS);
    later.write();
    // Even by whoever had a clock of long ago.
    expect([later.find("a", "old", 0), later.find("a", "new", 40 * DAY_MS)]).toEqual([undefined, response]);
    later.close();
  });
});
