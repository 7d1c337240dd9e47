import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { administration } from "../admin/administration.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { type Pair, startPair } from "../process/pair.ts";

/** What a project is billed: the cost with its markup, exact, as it was when the call began. */

setDefaultTimeout(30_000);

let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.dispose());

async function call(): Promise<string> {
  const body = { model: "replay/priced", messages: [{ role: "user", content: "Hello." }] };
  const response = await pair.post("/v1/chat/completions", body);
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

test("a project's calls are billed with its markup, each with the one that it began with", async () => {
  const administer = administration(pair.gateway);
  const before = await call();
  const changed = await administer("PATCH", "/admin/v1/projects/default", { markup: "1.175" });
  expect(changed.body).toMatchObject({ markup: "1.175" });
  let after = "";
  await waitUntil(async () => {
    after = await call();
    const { attempts } = await waitForEndedAttempts(pair.gateway, await pair.upstream.callCount());
    return attempts.find((row) => row.request_id === after)?.markup === "1.175";
  }, 10_000);
  const { attempts } = await waitForEndedAttempts(pair.gateway, 2);
  const rows = new Map(attempts.map((row) => [row.request_id, row]));
  // 14 x 1,000 + 15 x 2,000; 44,000 x 1.175
  expect(rows.get(before)).toMatchObject({
    cost_nanodollars: 44_000,
    billed_nanodollars: 44_000,
    markup: null,
  });
  expect(rows.get(after)).toMatchObject({
    cost_nanodollars: 44_000,
    billed_nanodollars: 51_700,
    markup: "1.175",
  });
  const { stdout } = await pair.gateway.command("prices", "explain", after);
  const lines = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
  expect(lines).toContainEqual(["cost", "0.000044"]);
  expect(lines).toContainEqual(["markup", "cost x 1.175", "0.0000077"]);
  expect(lines).toContainEqual(["billed", "0.0000517"]);
  expect(stdout).toContain("total  cost $0.000044, billed $0.0000517\n");
});
