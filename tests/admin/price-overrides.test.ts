import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { objectsAt, textAt, textsAt, valueAt } from "../process/json.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type Administer, administration } from "./administration.ts";

setDefaultTimeout(20_000);

let pair: Pair;
let administer: Administer;
let calls = 0;

beforeAll(async () => {
  pair = await startPair();
  administer = administration(pair.gateway);
});
afterAll(() => pair.dispose());

const path = "/admin/v1/price-overrides";

/** What a call costs, as its answer says; null where it has no price. */
async function costOf(model: string): Promise<string | null> {
  const messages = [{ role: "user", content: "hello" }];
  const answer = await pair.post("/v1/chat/completions", { model: `replay/${model}`, messages });
  await answer.arrayBuffer();
  expect(answer.status).toBe(200);
  calls++;
  return answer.headers.get("x-gatehouse-cost-usd");
}

const store = async (model: string, price: object, more: object = {}) =>
  (await administer("POST", path, { provider: "replay", model, price, ...more })).body;

describe("stored prices", () => {
  test("count from the next call on, over the configuration's, until they are changed or deleted", async () => {
    const configured = await costOf("priced");
    expect(configured).not.toBeNull();
    const { id, created_by } = textsAt(await store("priced", { input: 10, output: 20 }), "id", "created_by");
    expect(created_by).toMatch(/^admin-key:adm_/);
    const dear = await costOf("priced");
    expect(Number(dear)).toBeCloseTo(Number(configured) * 10, 12);
    const changed = await administer("PATCH", `${path}/${id}`, { price: { input: 0, output: 0 } });
    expect([changed.status, await costOf("priced")]).toEqual([200, "0"]);
    for (let time = 0; time < 2; time++)
      expect((await administer("DELETE", `${path}/${id}`)).body).toEqual({ id, deleted: true });
    expect(await costOf("priced")).toBe(configured);
    expect((await administer("GET", `${path}/${id}`)).status).toBe(404);
    const versions = new Set(
      (await waitForEndedAttempts(pair.gateway, calls)).attempts.map((row) => row.price_book_version),
    );
    expect(versions.size).toBe(3);
  });

  test("give a price to a model that had none", async () => {
    expect(await costOf("unpriced")).toBeNull();
    await store("unpriced", { input: 1, output: 2 });
    expect(await costOf("unpriced")).not.toBeNull();
  });

  test("hold only within their time; of several the one that begins latest, of equals the newest", async () => {
    const day = 86_400_000;
    const at = (days: number) => new Date(Date.now() + days * day).toISOString();
    const price = (per_request: number) => ({ input: 0, output: 0, per_request });
    await store("timed", price(1), { valid_until: at(-1) });
    await store("timed", price(2), { valid_from: at(1) });
    expect(await costOf("timed")).toBeNull();
    await store("timed", price(3), { valid_from: at(-1), valid_until: at(1) });
    expect(await costOf("timed")).toBe("3");
    await store("timed", price(4));
    expect(await costOf("timed")).toBe("3");
    await store("timed", price(5), { valid_from: at(-0.5) });
    expect(await costOf("timed")).toBe("5");
    const twin = await store("twin", price(6));
    await store("twin", price(7));
    expect(await costOf("twin")).toBe("7");
    expect((await administer("PATCH", `${path}/${textAt(twin, "id")}`, { valid_from: at(-2) })).status).toBe(
      200,
    );
    expect(await costOf("twin")).toBe("6");
  });

  test("begin at their moment, without a word from anybody", async () => {
    const from = new Date(Date.now() + 400).toISOString();
    await store("soon", { input: 0, output: 0, per_request: 1 }, { valid_from: from });
    expect(await costOf("soon")).toBeNull();
    await waitUntil(async () => (await costOf("soon")) === "1", 2000);
  });

  test("from the command line they count within a second, and are listed, changed and deleted there", async () => {
    const { gateway } = pair;
    const set = (...words: string[]) => gateway.command("prices", "set", "replay/typed", ...words);
    const made = await set("--input", "0", "--output", "0", "--per-request", "0.5");
    expect([made.exitCode, made.stderr]).toEqual([0, ""]);
    expect(made.stdout).toContain("Stored the price of replay/typed");
    await waitUntil(async () => (await costOf("typed")) === "0.5", 1000);
    expect((await set("--input", "0", "--output", "0", "--per-request", "0.25")).stdout).toContain("Changed");
    await waitUntil(async () => (await costOf("typed")) === "0.25", 1000);
    expect((await gateway.command("prices", "overrides")).stdout).toContain("replay/typed");
    expect((await gateway.command("prices", "typed")).stdout).toMatch(/replay +typed .*override/);
    expect((await gateway.command("prices", "unset", "replay/typed")).exitCode).toBe(0);
    await waitUntil(async () => (await costOf("typed")) === null, 1000);
    const nothing = await gateway.command("prices", "unset", "replay/typed");
    expect([nothing.exitCode, nothing.stderr]).toEqual([1, expect.stringContaining("mend:")]);
    const { body } = await administer("GET", "/admin/v1/audit-log?resource=price_override&limit=3");
    expect(objectsAt(body, "data").map(({ action }) => action)).toEqual(["delete", "update", "create"]);
  });

  test.each([
    [{ provider: "nobody" }, "provider"],
    [{ provider: "Replay" }, "provider"],
    [{ model: "a b" }, "model"],
    [{ price: { input: 1 } }, "price.output"],
    [{ price: { input: -1, output: 1 } }, "price.input"],
    [{ price: { input: 0.0000000001, output: 1 } }, "price.input"],
    [{ price: { input: 1, output: 1, colour: 1 } }, "price.colour"],
    [{ valid_from: "2027-01-01T00:00:00Z", valid_until: "2027-01-01T00:00:00Z" }, "valid_until"],
    [{ valid_from: "soon" }, "valid_from"],
  ])("%j is refused", async (changes, field) => {
    const order = { provider: "replay", model: "m", price: { input: 1, output: 1 }, ...changes };
    const { status, body } = await administer("POST", path, order);
    expect([status, valueAt(body, "error", "field")]).toEqual([400, field]);
  });

  test("hold after a restart", async () => {
    const configuration = [
      "providers:",
      "  own: { dialect: openai-chat, base_url: http://127.0.0.1:9/v1, models: [m] }",
      "",
    ].join("\n");
    const first = await startGateway({ configuration });
    try {
      const sourceAt = async (ask: Administer) =>
        valueAt((await ask("GET", "/admin/v1/models?provider=own")).body, "data", 0, "price_source");
      const ask = administration(first);
      expect(await sourceAt(ask)).toBeNull();
      await ask("POST", path, { provider: "own", model: "m", price: { input: 1, output: 1 } });
      expect(await sourceAt(ask)).toBe("override");
      await first.end("SIGKILL");
      const again = await startGateway({ configuration, dataFolder: first.dataFolder });
      expect(await sourceAt(administration(again, first.adminKey))).toBe("override");
      await again.end("SIGKILL");
    } finally {
      await first.dispose();
    }
  });
});
