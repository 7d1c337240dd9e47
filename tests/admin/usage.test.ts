import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../src/model/json.ts";
import { numberAt, objectAt, objectsAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type Administer, administration, everyEntry } from "./administration.ts";

setDefaultTimeout(20_000);

let pair: Pair;
let owner: Administer;

const CACHED = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "cached",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: {
    prompt_tokens: 1036,
    completion_tokens: 7,
    total_tokens: 1043,
    prompt_tokens_details: { cached_tokens: 1024 },
  },
});

/** Two projects, one of whose keys has a tag; one call fails; ann and bob are end users. */
beforeAll(async () => {
  pair = await startPair("  replay/cached: { input: 1.5, cached_input: 0.3, output: 7 }\n");
  await pair.upstream.scenarios({
    cached: { body: { kind: "text", text: CACHED, contentType: "application/json" } },
    broken: { status: 503, body: { kind: "text", text: '{"error":{"message":"x","type":"x"}}' } },
  });
  owner = administration(pair.gateway);
  const make = async (order: object) => textAt((await owner("POST", "/admin/v1/keys", order)).body, "key");
  const search = await make({ project: "shop", name: "search", tags: { team: "search" } });
  const plain = await make({ project: "lab", name: "plain" });
  const call = (key: string, model: string, user?: string) =>
    fetch(`${pair.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model,
        messages: [{ role: "user", content: "x" }],
        ...(user === undefined ? {} : { user }),
      }),
    }).then((answer) => answer.text());
  await call(search, "replay/priced", "ann");
  await call(search, "replay/priced", "bob");
  await call(search, "replay/cached", "ann");
  await call(plain, "replay/unpriced");
  await call(plain, "replay/broken");
  await call(plain, "nobody/knows");
  await waitForEndedAttempts(pair.gateway, 5);
});
afterAll(() => pair.dispose());

async function usage(query: string): Promise<JsonObject> {
  const { status, body } = await owner("GET", `/admin/v1/usage?${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return objectAt(body);
}

describe("usage", () => {
  test("is grouped by project, key and tag, a key by its id and name", async () => {
    const { data, total } = await usage("by=project,key,tag:team&order=group");
    expect(data).toMatchObject([
      {
        project: "lab",
        key: expect.stringMatching(/^key_/),
        key_name: "plain",
        tags: { team: "" },
        calls: 2,
      },
      { project: "shop", key_name: "search", tags: { team: "search" }, calls: 3, errors: 0 },
    ]);
    expect(total).toMatchObject({ calls: 5, errors: 1 });
  });

  test("tells errors by class, refusals, and what the cache saved", async () => {
    const { data } = await usage("by=project&order=group");
    expect(valueAt(data, 0)).toMatchObject({
      project: "lab",
      errors: 1,
      errors_by_class: { overloaded: 1, unknown_model: 1 },
      refused: 1,
    });
    const { total } = await usage("model=cached");
    expect(valueAt(total, "cached_input_tokens")).toBe(1024);
    expect(Number(textAt(total, "cache_savings_usd"))).toBeGreaterThan(0);
  });

  test("is filtered by each thing that the query names", async () => {
    const filters = ["project=shop", "provider=replay", "model=cached", "operation=chat", "outcome=failed"];
    filters.push(
      "error=overloaded",
      "tag=team:search",
      "end_user=ann",
      "since=2020-01-01",
      "until=2020-01-01",
    );
    const calls = await Promise.all(
      filters.map(async (filter) => {
        const { total } = await usage(filter);
        return total === null ? 0 : valueAt(total, "calls");
      }),
    );
    expect(calls).toEqual([3, 5, 1, 5, 1, 1, 3, 2, 5, 0]);
  });

  test("of end users is by the day, and says which days", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { data, from, to } = await usage(`by=end_user&order=group&since=${new Date().toISOString()}`);
    expect(data).toMatchObject([
      { end_user: "ann", calls: 2 },
      { end_user: "bob", calls: 1 },
    ]);
    expect({ from, to }).toEqual({ from: `${today}T00:00:00.000Z`, to: null });
    const refused = await owner("GET", "/admin/v1/usage?by=end_user,hour");
    expect([refused.status, valueAt(refused.body, "error", "code")]).toEqual([400, "invalid_request"]);
  });

  test("comes in pages, and a cursor of another query is refused", async () => {
    const lines = await everyEntry(owner, "/admin/v1/usage?by=model,end_user", 1);
    expect(lines.length).toBe(new Set(lines.map((line) => JSON.stringify(line))).size);
    expect(lines.reduce((sum, line) => sum + numberAt(line, "calls"), 0)).toBe(3);
    const { next_cursor } = textsAt(await usage("by=model,end_user&limit=1"), "next_cursor");
    for (const query of [`by=model&cursor=${next_cursor}`, "cursor=abc"])
      expect((await owner("GET", `/admin/v1/usage?${query}`)).status).toBe(400);
  });

  test("is exported as a table, in each format the same", async () => {
    const exported = async (format: string) =>
      owner("GET", `/admin/v1/usage/export?by=project,key&order=group&format=${format}`);
    const [csv, json, jsonl] = await Promise.all(["csv", "json", "jsonl"].map(exported));
    expect(csv?.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv?.headers.get("content-disposition")).toBe('attachment; filename="usage.csv"');
    const rows = objectsAt(json?.body);
    expect(rows).toMatchObject([
      { project: "lab", key_name: "plain", calls: 2 },
      { project: "shop", key_name: "search", calls: 3, cached_input_tokens: 1024 },
    ]);
    const lines = (text: unknown) => textAt(text).trimEnd().split(/\r?\n/);
    expect(lines(jsonl?.body).map((line) => JSON.parse(line))).toEqual([...rows]);
    const [heading = "", ...values] = lines(csv?.body);
    expect(heading.split(",")).toEqual(Object.keys(objectAt(rows, 0)));
    expect(values.map((line) => line.split(","))).toEqual(
      rows.map((row) => Object.values(row).map((value) => (value === null ? "" : String(value)))),
    );
  });

  test("on the command line is the same", async () => {
    const { stdout } = await pair.gateway.command(
      "usage",
      "--by",
      "project,key",
      "--order",
      "group",
      "--json",
    );
    const { data, total } = await usage("by=project,key&order=group");
    expect(JSON.parse(stdout)).toEqual({ data, total });
    const table = await pair.gateway.command("usage", "--by", "tag:team", "--tag", "team=search");
    expect(table.stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2))).toMatchObject([
      ["tag:team", "calls"],
      ["search", "3"],
      ["total", "3"],
      [""],
    ]);
    const csv = await pair.gateway.command("usage", "--by", "project,key", "--order", "group", "--csv");
    const { body } = await owner("GET", "/admin/v1/usage/export?by=project,key&order=group");
    expect(csv.stdout).toBe(textAt(body));
  });
});
