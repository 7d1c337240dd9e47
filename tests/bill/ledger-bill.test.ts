import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptGuard } from "../../src/gateway/attempt-guard.ts";
import { type AttemptHolds, AttemptRecord } from "../../src/gateway/attempt-record.ts";
import { explainRequest } from "../../src/ledger/explain-request.ts";
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { createPriceBook } from "../../src/ledger/prices/price-book.ts";
import type { PriceOverride } from "../../src/ledger/prices/price-override.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { Target } from "../../src/model/snapshot.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";
import { type TargetState, Ticket } from "../../src/routing/target-state.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import { attempt, finish, request } from "../ledger/samples.ts";

/*
 * The kinds of prices that no answer of chat completions tells of: cache writes for an hour, tools by kind, batches,
 * cached images; and the markup of a project. Through the attempt's record, journal, store writer and explanation.
 */

interface LedgerCall {
  readonly model: string;
  readonly usage: Partial<Usage>;
  readonly serviceTier?: string;
  readonly markup?: string;
  /** Worked out by hand, in nano-dollars; null where there is no price. */
  readonly cost: number | null;
  readonly billed: number | null;
}

const OVERRIDES: { readonly [model: string]: PriceOverride } = {
  writes: { input: 3, output: 15, cached_input: 0.3, cache_write: 3.75, cache_write_1h: 6 },
  "writes-5m": { input: 3, output: 15, cache_write: 3.75 },
  tools: {
    input: 1,
    output: 2,
    tools: { web_search: 0.01, file_search: 0.0025, code_execution: 0.03, social_search: 0.005 },
  },
  "tool-calls": { input: 1, output: 2, per_tool_call: 0.004, tools: { file_search: 0.0025 } },
  media: { input: 1, output: 2, input_image: 5, cached_input_image: 0.5, output_image: 40, output_video: 50 },
  batched: { input: 2, output: 8, per_request: 0.001, service_tiers: { batch: { factor: 0.5 } } },
  tiny: { input: 0.0005, output: 0.0005 },
  unpriced: { input: 1, output: 1, until: "2020-01-01" },
};

const CALLS: readonly LedgerCall[] = [
  // 400 x 3,000 + 300 x 300 + 200 x 3,750 + 100 x 6,000 + 10 x 15,000
  {
    model: "writes",
    usage: {
      inputTokens: 1_000,
      cachedInputTokens: 300,
      cacheWrite5mTokens: 200,
      cacheWrite1hTokens: 100,
      outputTokens: 10,
    },
    cost: 2_790_000,
    billed: 2_790_000,
  },
  // An hour at the price of five minutes, where it has none of its own: 900 x 3,000 + 100 x 3,750
  {
    model: "writes-5m",
    usage: { inputTokens: 1_000, cacheWrite1hTokens: 100 },
    cost: 3_075_000,
    billed: 3_075_000,
  },
  // 10 x 1,000 + 2 x 10,000,000 + 3 x 2,500,000 + 1 x 30,000,000 + 4 x 5,000,000, and 2 of no known kind as searches
  //   of the web: + 2 x 10,000,000
  {
    model: "tools",
    usage: {
      inputTokens: 10,
      billedToolCalls: 12,
      billedTools: { webSearch: 2, fileSearch: 3, codeExecution: 1, socialSearch: 4 },
    },
    cost: 97_510_000,
    billed: 97_510_000,
  },
  // The file search at its own price, all others at that of any: 2,500,000 + 2 x 4,000,000
  {
    model: "tool-calls",
    usage: { billedToolCalls: 3, billedTools: { webSearch: 1, fileSearch: 1 } },
    cost: 10_500_000,
    billed: 10_500_000,
  },
  // 300 x 5,000 + 100 x 500 + 600 x 1,000 + 20 x 40,000 + 30 x 50,000 + 50 x 2,000
  {
    model: "media",
    usage: {
      inputTokens: 1_000,
      cachedInputTokens: 100,
      inputImageTokens: 400,
      cachedInputImageTokens: 100,
      outputTokens: 100,
      outputImageTokens: 20,
      outputVideoTokens: 30,
    },
    cost: 4_550_000,
    billed: 4_550_000,
  },
  // Half of (100 x 2,000 + 10 x 8,000), and the fee: 140,000 + 1,000,000; billed at 1.2
  {
    model: "batched",
    usage: { inputTokens: 100, outputTokens: 10 },
    serviceTier: "batch",
    markup: "1.2",
    cost: 1_140_000,
    billed: 1_368_000,
  },
  // 29 x 0.5 = 14.5, half up 15; 15 x 1.1 = 16.5, half up 17
  { model: "tiny", usage: { inputTokens: 29 }, markup: "1.1", cost: 15, billed: 17 },
  // 15 x 0.85 = 12.75, half up 13: a markup may take away
  { model: "tiny", usage: { inputTokens: 29 }, markup: "0.85", cost: 15, billed: 13 },
  // Without a price nothing is billed, whatever the markup
  { model: "unpriced", usage: { inputTokens: 29 }, markup: "1.5", cost: null, billed: null },
];

const folder = mkdtempSync(join(tmpdir(), "gatehouse-bill-"));

beforeAll(async () => {
  await (await openSqlite(folder)).destroy();
  const prices = createPriceBook({
    priceDataIds: new Map(),
    overrides: new Map(Object.entries(OVERRIDES).map(([model, override]) => [`acme/${model}`, override])),
  });
  const ledger = openLedger({ dataFolder: folder, priceBook: prices });
  for (const [number, { model, usage, serviceTier, markup }] of CALLS.entries()) {
    const opening = attempt(number, { model, ...(markup !== undefined && { markup }) });
    const record = new AttemptRecord(opening, holdsOf(targetOf(model)), ASKED, { ledger, prices });
    await record.open(request(number));
    record.close(
      {
        facts: {
          usage: { ...NO_USAGE, source: "reported", ...usage },
          finishReason: "stop",
          ...(serviceTier !== undefined && { serviceTier }),
          outputBytes: 0,
          outputEvents: 0,
        },
      },
      0,
    );
    ledger.finish(request(number), finish(number));
  }
  await ledger.drain();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What an attempt holds beside its row; nothing of it is asked of here. */
function holdsOf(target: Target): AttemptHolds {
  const ticket = new Ticket({ ended: () => {} } as unknown as TargetState, false, 0);
  return { target, ticket, guard: {} as AttemptGuard };
}

function targetOf(model: string): Target {
  return {
    model,
    name: `acme/${model}`,
    endpoints: {},
    quirks: {},
    upstream: {
      provider: "acme",
      endpoints: [],
      origin: "https://acme.example",
      headers: {},
      timeouts: { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1, totalMs: 1 },
      quirks: [],
      errorClasses: {},
    },
  };
}

const ASKED: InferenceRequest<"chat"> = {
  operation: "chat",
  dialect: "openai-chat",
  model: "acme/any",
  stream: false,
  bodyBytes: 100,
  content: () => {
    throw new Error("nothing reads it");
  },
};

interface Amounts {
  readonly cost: number | null;
  readonly billed: number | null;
  readonly markup: string | null;
}

describe("the bill", () => {
  test.each(CALLS.map((call, number) => [number, call] as const))("call %p: %j", (number, call) => {
    const database = new Database(storePath(folder), { readonly: true });
    const row = database
      .query<Amounts, [string]>(
        "select cost_nanodollars as cost, billed_nanodollars as billed, markup from attempts where id = ?",
      )
      .get(`attempt-${number}`);
    database.close();
    expect(row).toEqual({ cost: call.cost, billed: call.billed, markup: call.markup ?? null });
  });

  test.each(CALLS.map((call, number) => [number, call] as const))(
    "call %p explained: %j",
    async (number, call) => {
      const store = await openSqlite(folder);
      const explained = await explainRequest(store, `request-${number}`);
      await store.destroy();
      expect(explained).toMatchObject({
        cost: BigInt(call.cost ?? 0),
        billed: BigInt(call.billed ?? 0),
        unpriced: call.cost === null ? 1 : 0,
      });
      const [attempt] = explained?.attempts ?? [];
      expect(attempt?.notes).toEqual(
        call.cost === null ? ["the model, or something that was used, has no price"] : [],
      );
      expect(attempt?.bill?.cost ?? null).toBe(attempt?.cost ?? null);
    },
  );
});
