import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { explainRequest } from "../../src/ledger/explain-request.ts";
import { openSqlite } from "../../src/storage/open-sqlite.ts";
import type { AttemptRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";
import { type BilledCall, BY_OWN_PRICES, BY_PRICE_DATA, OWN_PRICES } from "./calls.ts";

/*
 * A bill of more than 50 calls over all kinds of prices that an answer of chat completions can come to, through a real
 * gateway: each amount was worked out by hand in calls.ts, and the ledger must have it to the nano-dollar. What such
 * answers can't say is billed in ledger-bill.test.ts.
 */

setDefaultTimeout(60_000);

const CALLS = [...BY_OWN_PRICES, ...BY_PRICE_DATA];
/** The sum of all amounts in calls.ts, added up by hand. */
const TOTAL = 11_545_540_908;

let upstream: ReplayServer;
let gateway: GatewayProcess;
const rows = new Map<BilledCall, AttemptRow>();
const costHeaders = new Map<BilledCall, string | null>();

beforeAll(async () => {
  upstream = await startReplayServer();
  const provider = (name: string, more = "") =>
    `  ${name}: { base_url: "${upstream.url}/v1", key: ${UPSTREAM_KEY}${more} }`;
  gateway = await startGateway({
    configuration: [
      "providers:",
      provider("replay", ", dialect: openai-chat"),
      provider("openai"),
      provider("groq"),
      OWN_PRICES,
    ].join("\n"),
  });
  const ids = new Map<BilledCall, string>();
  for (const billed of CALLS) {
    const response = await call(billed);
    ids.set(billed, response.headers.get("x-request-id") ?? "");
    costHeaders.set(billed, response.headers.get("x-gatehouse-cost-usd"));
  }
  const { attempts } = await waitForEndedAttempts(gateway, CALLS.length);
  const byRequest = new Map(attempts.map((row) => [row.request_id, row]));
  for (const [billed, id] of ids) {
    const row = byRequest.get(id);
    if (row !== undefined) rows.set(billed, row);
  }
});

afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

async function call(billed: BilledCall): Promise<Response> {
  const model = billed.model.slice(billed.model.indexOf("/") + 1);
  await upstream.scenario(model, { body: billed.stream ? streamed(billed) : whole(billed) });
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify({
      model: billed.model,
      messages: [{ role: "user", content: "Hello." }],
      ...(billed.stream && { stream: true, stream_options: { include_usage: true } }),
    }),
  });
  await response.text();
  expect(response.status).toBe(200);
  return response;
}

const head = ({ serviceTier }: BilledCall) => ({
  id: "chatcmpl-1",
  created: 1,
  model: "m",
  ...(serviceTier !== undefined && { service_tier: serviceTier }),
});

function whole(billed: BilledCall): NonNullable<Scenario["body"]> {
  const message = { role: "assistant", content: "Hello." };
  const answer = {
    ...head(billed),
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: billed.usage,
  };
  return { kind: "text", text: JSON.stringify(answer), contentType: "application/json" };
}

function streamed(billed: BilledCall): NonNullable<Scenario["body"]> {
  const chunk = (choices: readonly object[], usage: object | null) =>
    JSON.stringify({ ...head(billed), object: "chat.completion.chunk", choices, usage });
  return {
    kind: "events",
    events: [
      chunk([{ index: 0, delta: { role: "assistant", content: "Hello." }, finish_reason: null }], null),
      chunk([{ index: 0, delta: {}, finish_reason: "stop" }], null),
      chunk([], billed.usage),
    ],
  };
}

const named = CALLS.map((billed, index) => {
  const { model, stream, serviceTier } = billed;
  return [
    `${index + 1}: ${model}${stream ? ", streamed" : ""}${serviceTier ? `, ${serviceTier}` : ""}`,
    billed,
  ] as const;
});

describe("the bill", () => {
  test("is of more than 40 calls, and all of them are in the ledger", () => {
    expect(CALLS.length).toBeGreaterThan(40);
    expect(rows.size).toBe(CALLS.length);
  });

  test.each(named)("%s", (_name, billed) => {
    const row = rows.get(billed);
    expect(row).toMatchObject({
      outcome: "ok",
      usage_source: "reported",
      service_tier: billed.serviceTier ?? null,
    });
    expect(row?.cost_nanodollars).toBe(billed.nanos);
    expect(row?.billed_nanodollars).toBe(billed.nanos);
    expect(row?.price_sheet === null).toBe(billed.nanos === null);
    const header = costHeaders.get(billed) ?? null;
    if (billed.stream || billed.nanos === null) expect(header).toBeNull();
    else expect(Math.round(Number(header) * 1e9)).toBe(billed.nanos);
  });

  test("comes to the sum that was added up by hand", () => {
    const sum = [...rows.values()].reduce((all, row) => all + BigInt(row.cost_nanodollars ?? 0), 0n);
    expect(sum).toBe(BigInt(TOTAL));
  });
});

describe("each call's explanation", () => {
  test("has lines that add up to the ledger's cost, without any rounding but the one it shows", async () => {
    const store = await openSqlite(join(gateway.dataFolder, "data"));
    for (const [billed, row] of rows) {
      const explanation = await explainRequest(store, row.request_id);
      const [attempt] = explanation?.attempts ?? [];
      expect(explanation?.cost).toBe(BigInt(billed.nanos ?? 0));
      expect(explanation?.unpriced).toBe(billed.nanos === null ? 1 : 0);
      if (billed.nanos === null) {
        expect(attempt).toMatchObject({ cost: undefined, bill: undefined });
        continue;
      }
      const bill = attempt?.bill;
      if (bill === undefined) throw new Error(`${billed.model} has no lines`);
      const lines = bill.lines.reduce((sum, { priced }) => sum + (priced?.amount ?? 0n), 0n);
      const places = 10n ** BigInt(bill.places - 9);
      expect(lines + (bill.tierDiscount ?? 0n) + bill.rounding).toBe(BigInt(billed.nanos) * places);
      const unheardOf = billed.serviceTier === "hyper";
      expect(attempt?.notes).toEqual(
        unheardOf ? ["no price is known for the service tier; charged at the usual one"] : [],
      );
    }
    await store.destroy();
  });

  test("holds after all prices have changed", async () => {
    const row = rows.get(BY_OWN_PRICES[0] ?? fail());
    const changed = OWN_PRICES.replace(
      "replay/plain: { input: 1, output: 2 }",
      "replay/plain: { input: 50, output: 60 }",
    );
    await Bun.write(
      join(gateway.dataFolder, "gatehouse.yaml"),
      `providers:\n  replay: { base_url: "${upstream.url}/v1", key: x, dialect: openai-chat }\n${changed}`,
    );
    const { stdout, exitCode } = await gateway.command("prices", "explain", row?.request_id ?? "", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      costUsd: "0.000044",
      attempts: [
        {
          costUsd: "0.000044",
          lines: [
            { unit: "input", count: 14, perMillionUsd: "1", amountUsd: "0.000014" },
            { unit: "output", count: 15, perMillionUsd: "2", amountUsd: "0.00003" },
          ],
          roundingUsd: "0",
        },
      ],
    });
  });
});

function fail(): never {
  throw new Error("the bill is empty");
}
