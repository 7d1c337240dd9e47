import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { objectAt, textAt, valueAt } from "../process/json.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type Administer, administration, everyEntry } from "./administration.ts";

setDefaultTimeout(20_000);

let pair: Pair;
let administer: Administer;

beforeAll(async () => {
  pair = await startPair();
  administer = administration(pair.gateway);
});
afterAll(() => pair.dispose());

test("budgets of projects and keys stand as the ledger says", async () => {
  const total = { kind: "total" };
  const month = { kind: "calendar", per: "month", time_zone: "Europe/Berlin" };
  await administer("POST", "/admin/v1/projects", {
    name: "shop",
    markup: "50%",
    policy: {
      budgets: [
        { name: "month", amount_usd: 1, window: month },
        { name: "all", amount_usd: 2, window: total },
      ],
    },
  });
  const order = {
    project: "shop",
    name: "n",
    policy: { budgets: [{ name: "key", amount_usd: 1, window: total }] },
  };
  const [one, two] = [
    (await administer("POST", "/admin/v1/keys", order)).body,
    (await administer("POST", "/admin/v1/keys", { ...order, policy: {} })).body,
  ];
  await administer("POST", "/admin/v1/price-overrides", {
    provider: "replay",
    model: "tenth",
    price: { input: 0, output: 0, per_request: 0.1 },
  });
  for (const key of [textAt(one, "key"), textAt(one, "key"), textAt(two, "key"), pair.gateway.virtualKey]) {
    const body = { model: "replay/tenth", messages: [{ role: "user", content: "x" }] };
    await (
      await pair.post("/v1/chat/completions", body, { headers: { authorization: `Bearer ${key}` } })
    ).text();
  }
  await waitForEndedAttempts(pair.gateway, 4);

  const all = await everyEntry(administer, "/admin/v1/budgets");
  const facts = all.map(({ scope, id, name, spent_usd, left_usd, reserved_usd, used_percent }) => [
    scope,
    id,
    name,
    spent_usd,
    left_usd,
    reserved_usd,
    used_percent,
  ]);
  expect(facts).toEqual([
    ["project", "shop", "all", "0.3", "1.7", "0", 15],
    ["project", "shop", "month", "0.3", "0.7", "0", 30],
    ["key", valueAt(one, "id"), "key", "0.2", "0.8", "0", 20],
  ]);
  expect(all[0]).toMatchObject({ window: total, window_start: null, resets_at: null });
  expect(Date.parse(textAt(all[1], "window_start"))).toBeLessThan(Date.now());
  expect(Date.parse(textAt(all[1], "resets_at"))).toBeGreaterThan(Date.now());
  expect(all[1]).toMatchObject({ amount_usd: "1", window: month, alert_percents: [50, 80, 100] });
  expect(await everyEntry(administer, "/admin/v1/budgets", 1)).toEqual(all);
  expect(await everyEntry(administer, `/admin/v1/budgets?key_id=${textAt(one, "id")}`)).toEqual([
    objectAt(all, 2),
  ]);
  expect(await everyEntry(administer, "/admin/v1/budgets?project=other")).toEqual([]);

  const { stdout } = await pair.gateway.command("projects", "show", "shop");
  expect(stdout).toMatch(/month +project +1 +0\.3 +0\.7 /);
});

test("requests are listed with their filters, and one is told with its attempts", async () => {
  const shop = await everyEntry(administer, "/admin/v1/requests?project=shop");
  expect(
    shop.map(({ project, model, outcome, status, stream }) => [project, model, outcome, status, stream]),
  ).toEqual(Array(3).fill(["shop", "replay/tenth", "ok", 200, false]));
  const all = await everyEntry(administer, "/admin/v1/requests", 1);
  expect(all.map(({ id }) => id)).toEqual(
    all
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  );
  expect(all).toHaveLength(4);
  expect(await everyEntry(administer, "/admin/v1/requests?outcome=failed")).toEqual([]);
  expect(await everyEntry(administer, "/admin/v1/requests?until=2026-01-01")).toEqual([]);
  const { body } = await administer("GET", `/admin/v1/requests/${textAt(shop[0], "id")}`);
  expect(body).toMatchObject({
    id: valueAt(shop[0], "id"),
    cost_usd: "0.1",
    billed_usd: "0.15",
    attempts: [
      {
        ordinal: 1,
        provider: "replay",
        model: "tenth",
        outcome: "ok",
        upstream_status: 200,
        cost_usd: "0.1",
      },
    ],
  });
});
