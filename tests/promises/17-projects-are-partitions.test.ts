import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Administer, administration, everyEntry } from "../admin/administration.ts";
import { startResponsesProvider } from "../gateway/responses-provider.ts";
import { startGateway } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";

/*
 * Promise 17: projects are hard partitions in lists and logs. (There is no cache yet.) What is asked of one project tells
 * nothing of another, whatever else is asked, and a virtual key sees neither.
 */

setDefaultTimeout(20_000);

const PROJECTS = ["shop", "lab"] as const;
const CALLS = 6;

let pair: Pair;
let owner: Administer;
const keys: Record<string, string> = {};

beforeAll(async () => {
  pair = await startPair();
  owner = administration(pair.gateway);
  for (const project of PROJECTS) {
    const { body } = await owner("POST", "/admin/v1/keys", { project, name: `key of ${project}` });
    keys[project] = body.key;
  }
  // The same end user in both, call by call in turn, so that the rows lie among each other.
  for (let call = 0; call < CALLS; call++) {
    const project = PROJECTS[call % 2] ?? "shop";
    const answer = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys[project]}` },
      body: JSON.stringify({
        model: "replay/priced",
        user: "ann",
        messages: [{ role: "user", content: `a word of ${project}` }],
      }),
    });
    await answer.text();
  }
  await waitForLedger(
    pair.gateway,
    ({ requests }) => requests.filter(({ outcome }) => outcome !== null).length === CALLS,
  );
});
afterAll(() => pair.dispose());

describe.each([
  ["shop", "lab"],
  ["lab", "shop"],
])("what is asked of %s tells nothing of %s", (project, other) => {
  test.each(["", "&end_user=ann", "&outcome=ok", "&since=2020-01-01", "&provider=replay"])(
    "in the request log, filtered by the project%s",
    async (more) => {
      const entries = await everyEntry(owner, `/admin/v1/requests?project=${project}${more}`, 1);
      expect(entries.map((entry) => entry.project)).toEqual(Array(CALLS / 2).fill(project));
      expect(JSON.stringify(entries)).not.toContain(other);
    },
  );

  test.each(["project,key", "end_user", "day,key", "hour,key", "provider,key"])(
    "in usage by %s",
    async (by) => {
      const { body } = await owner("GET", `/admin/v1/usage?project=${project}&by=${by}`);
      expect(body.total.calls).toBe(CALLS / 2);
      expect(JSON.stringify(body)).not.toContain(other);
    },
  );

  test.each(["/admin/v1/usage/export?by=key", "/admin/v1/requests/export?", "/admin/v1/attempts/export?"])(
    "in %s",
    async (path) => {
      const { body } = await owner("GET", `${path}&project=${project}`);
      expect(body).not.toContain(other);
      expect(body.trimEnd().split("\r\n").length).toBe(path.includes("usage") ? 2 : 1 + CALLS / 2);
    },
  );

  test("in the lists of keys and budgets", async () => {
    for (const path of ["/admin/v1/keys", "/admin/v1/budgets"]) {
      const entries = await everyEntry(owner, `${path}?project=${project}`);
      expect(JSON.stringify(entries)).not.toContain(other);
    }
  });

  test("to its own virtual key, which sees no list at all", async () => {
    const asked = administration(pair.gateway, keys[project]);
    for (const path of ["/admin/v1/requests", "/admin/v1/usage", "/admin/v1/keys"])
      expect((await asked("GET", path)).status).toBe(403);
  });

  test("on the command line", async () => {
    const { stdout } = await pair.gateway.command("requests", "--project", project, "--json");
    expect(JSON.parse(stdout).length).toBe(CALLS / 2);
    expect(stdout).not.toContain(other);
  });
});

test("a conversation that a provider keeps is gone on with by its own project alone, whatever the way", async () => {
  const provider = startResponsesProvider("one");
  const gateway = await startGateway({
    configuration: [
      "providers:",
      `  one: { dialect: openai-responses, base_url: "${provider.url}/v1", key: sk-shared }`,
      "routes:",
      "  any: { targets: [one/m] }",
      "",
    ].join("\n"),
  });
  try {
    const administer = administration(gateway);
    const { key } = (await administer("POST", "/admin/v1/keys", { project: "lab", name: "l" })).body;
    const post = (path: string, key: string, body: object) =>
      fetch(gateway.url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ input: "a word of shop", ...body }),
      });
    const { id } = (await (await post("/v1/responses", gateway.virtualKey, { model: "any" })).json()) as {
      id: string;
    };
    const seen = provider.calls();
    for (const model of ["any", "one/m", "one/other"]) {
      for (const stream of [false, true]) {
        const asked = { model, stream, previous_response_id: id };
        expect((await post("/v1/responses", key, asked)).status).toBe(404);
      }
      const counted = { model, previous_response_id: id };
      expect((await post("/v1/responses/input_tokens", key, counted)).status).toBe(404);
    }
    for (const method of ["GET", "DELETE"]) {
      const headers = { authorization: `Bearer ${key}` };
      expect((await fetch(`${gateway.url}/v1/responses/${id}`, { method, headers })).status).toBe(404);
    }
    expect(provider.calls()).toBe(seen);
    const goOn = { model: "any", previous_response_id: id };
    expect((await post("/v1/responses", gateway.virtualKey, goOn)).status).toBe(200);
  } finally {
    await gateway.dispose();
    await provider.stop();
  }
});

test("a cursor of one project's list asked of another's tells nothing of the first", async () => {
  const { body } = await owner("GET", "/admin/v1/requests?project=shop&limit=1");
  const { body: crossed } = await owner("GET", `/admin/v1/requests?project=lab&cursor=${body.next_cursor}`);
  expect(crossed.data.every((entry: { project: string }) => entry.project === "lab")).toBe(true);
});
