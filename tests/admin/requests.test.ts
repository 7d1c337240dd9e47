import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { objectsAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type Administer, administration, everyEntry } from "./administration.ts";

setDefaultTimeout(20_000);

let pair: Pair;
let owner: Administer;
/** By what they are, the ids of the calls that were made. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  const route = "routes:\n  spare: { strategy: priority, targets: [replay/broken, replay/priced] }\n";
  pair = await startPair(route);
  owner = administration(pair.gateway);
  await pair.upstream.scenarios({
    broken: { status: 503, body: { kind: "text", text: '{"error":{"message":"x","type":"x"}}' } },
  });
  const order = { project: "shop", name: "search", tags: { team: "search" } };
  const { key } = textsAt((await owner("POST", "/admin/v1/keys", order)).body, "key");
  const call = async (name: string, body: object, secret: string = key) => {
    const answer = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({ messages: [{ role: "user", content: "x" }], ...body }),
    });
    await answer.text();
    ids[name] = answer.headers.get("x-request-id") ?? "";
  };
  await call("ann's", { model: "replay/priced", user: "ann" });
  await call("bob's, to a second target", { model: "spare", user: "bob" });
  await call("failed", { model: "replay/broken" });
  await call("refused", { model: "nobody/nothing" });
  await call("another project's", { model: "replay/unpriced", stream: true }, pair.gateway.virtualKey);
  await waitForLedger(
    pair.gateway,
    ({ requests }) => requests.filter(({ outcome }) => outcome !== null).length === 5,
  );
});
afterAll(() => pair.dispose());

async function found(query: string): Promise<string[]> {
  const entries = await everyEntry(owner, `/admin/v1/requests?${query}`, 2);
  return entries
    .map((entry) => textAt(entry, "id"))
    .map((id) => Object.keys(ids).find((name) => ids[name] === id) ?? id);
}

describe("requests", () => {
  test("are listed newest first, with what they came to", async () => {
    expect(await found("")).toEqual(Object.keys(ids).reverse());
    const { body } = await owner("GET", `/admin/v1/requests?id=${ids["bob's, to a second target"]}`);
    expect(valueAt(body, "data")).toMatchObject([
      {
        project: "shop",
        tags: { team: "search" },
        model: "spare",
        end_user: "bob",
        outcome: "ok",
        attempts: 2,
        provider: "replay",
        provider_model: "priced",
        input_tokens: 14,
        output_tokens: 15,
        cost_usd: "0.000044",
      },
    ]);
  });

  test.each([
    ["project=default", ["another project's"]],
    ["end_user=ann", ["ann's"]],
    ["tag=team:search&outcome=ok", ["bob's, to a second target", "ann's"]],
    ["model=spare", ["bob's, to a second target"]],
    ["provider=replay&provider_model=broken", ["failed"]],
    ["status=503", ["failed"]],
    ["error_class=overloaded", ["failed"]],
    ["error_code=unknown_model", ["refused"]],
    ["min_attempts=2", ["bob's, to a second target"]],
    ["min_cost_usd=0.000044&max_cost_usd=0.000044", ["bob's, to a second target", "ann's"]],
    ["min_cost_usd=0.1", []],
    ["min_ms=100000", []],
    ["since=2020-01-01&dialect=openai-chat&max_ms=100000&outcome=failed", ["refused", "failed"]],
    ["until=2020-01-01", []],
  ])("are found by %s", async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test.each(["min_ms=5&max_ms=4", "min_cost_usd=1e3", "status=99", "colour=red", "cursor=x", "tag=team"])(
    "are not asked for by %s",
    async (query) => {
      const { status, body } = await owner("GET", `/admin/v1/requests?${query}`);
      expect([status, valueAt(body, "error", "code")]).toEqual([400, "invalid_request"]);
    },
  );

  test("one has its attempts in their order", async () => {
    const { body } = await owner("GET", `/admin/v1/requests/${ids["bob's, to a second target"]}`);
    expect(body).toMatchObject({
      attempts: [
        { ordinal: 1, model: "broken", outcome: "failed", error_class: "overloaded", upstream_status: 503 },
        { ordinal: 2, model: "priced", outcome: "ok", cost_usd: "0.000044", input_tokens: 14 },
      ],
    });
    expect((await owner("GET", "/admin/v1/requests/req_none")).status).toBe(404);
  });

  test("and attempts are exported as tables, oldest first", async () => {
    const requests = await owner("GET", "/admin/v1/requests/export?format=json");
    expect(objectsAt(requests.body).map(({ id }) => id)).toEqual(Object.values(ids));
    expect(valueAt(requests.body, 1)).toMatchObject({
      model: "spare",
      attempts: 2,
      cost_usd: "0.000044",
      stream: false,
    });
    const csv = await owner("GET", "/admin/v1/requests/export?project=default");
    const lines = textAt(csv.body).trimEnd().split("\r\n");
    expect(lines[0]).toStartWith("id,received_at,project,key_id");
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual([ids["another project's"]]);
    const attempts = await owner("GET", "/admin/v1/attempts/export?format=jsonl&project=shop");
    const rows = textAt(attempts.body)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ request_id, model }: Record<string, unknown>) => [request_id, model])).toEqual([
      [ids["ann's"], "priced"],
      [ids["bob's, to a second target"], "broken"],
      [ids["bob's, to a second target"], "priced"],
      [ids["failed"], "broken"],
    ]);
    expect((await owner("GET", "/admin/v1/attempts/export?min_ms=5")).status).toBe(400);
    const none = await owner("GET", "/admin/v1/requests/export?format=json&project=none");
    expect(none.body).toEqual([]);
  });

  test("on the command line are the same", async () => {
    const { gateway } = pair;
    const listed = await gateway.command("requests", "--outcome", "failed", "--json");
    const { body } = await owner("GET", "/admin/v1/requests?outcome=failed");
    expect(JSON.parse(listed.stdout)).toEqual(valueAt(body, "data"));
    const id = ids["failed"] ?? "";
    const shown = await gateway.command("requests", "show", id);
    expect(JSON.parse(shown.stdout)).toEqual((await owner("GET", `/admin/v1/requests/${id}`)).body);
    const exported = await gateway.command("requests", "export", "--attempts", "--project", "shop");
    expect(exported.stdout).toBe(textAt((await owner("GET", "/admin/v1/attempts/export?project=shop")).body));
    const table = await gateway.command("requests", "list", "--tag", "team=search", "--limit", "1");
    expect(table.stdout).toContain("unknown_model");
  });
});
