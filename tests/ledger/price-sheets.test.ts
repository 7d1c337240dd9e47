import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { explainRequest } from "../../src/ledger/explain-request.ts";
import { journalFolder, listSegments, segmentPath } from "../../src/ledger/journal-segments.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { applyMarkup } from "../../src/ledger/prices/markup.ts";
import { createPriceBook } from "../../src/ledger/prices/price-book.ts";
import { readSheet } from "../../src/ledger/prices/price-sheet.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { NO_USAGE, type Usage } from "../../src/model/usage.ts";
import { openSqlite, openSqliteInMemory, storePath } from "../../src/storage/open-sqlite.ts";
import { attempt, closing, finish, priceBook, request, START_MS, until } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";
import { idAt } from "./timed-ids.ts";

/** What a cost was worked out with is kept once, and each row names it. */

afterEach(removeTemporaryFolders);

const USAGE: Usage = { ...NO_USAGE, inputTokens: 100, outputTokens: 10, source: "reported" };
const priced = priceBook.cost("acme", "large", USAGE, START_MS) ?? fail();

async function open(dataFolder: string): Promise<Ledger> {
  await (await openSqlite(dataFolder)).destroy();
  return openLedger({ dataFolder, priceBook });
}

async function call(ledger: Ledger, number: number): Promise<void> {
  await ledger.open(request(number), attempt(number));
  const { cost, sheet } = priced;
  ledger.close(closing(number, { usage: USAGE, cost, billed: cost, priceSheet: sheet.id }), sheet);
  ledger.finish(request(number), finish(number));
}

function rows<Row>(dataFolder: string, sql: string): Row[] {
  const database = new Database(storePath(dataFolder));
  try {
    return database.query<Row, []>(sql).all();
  } finally {
    database.close();
  }
}

describe("a price sheet", () => {
  test("is written to the journal once a process and to the store once, before the row that names it", async () => {
    const folder = temporaryFolder();
    const ledger = await open(folder);
    await Promise.all(Array.from({ length: 50 }, (_, number) => call(ledger, number)));
    await new Promise(setImmediate);
    const written = listSegments(journalFolder(folder)).map((segment) =>
      readFileSync(segmentPath(journalFolder(folder), segment), "utf8"),
    );
    expect(written.join("").split('"kind":"price-sheet"').length - 1).toBe(1);
    await ledger.drain();
    const again = await open(folder);
    await call(again, 100);
    await again.drain();
    expect(rows(folder, "select id, content from price_sheets")).toEqual([
      { id: priced.sheet.id, content: priced.sheet.text },
    ]);
    expect(rows(folder, "select price_sheet, count(*) as n from attempts group by 1")).toEqual([
      { price_sheet: priced.sheet.id, n: 51 },
    ]);
  });

  test("takes few bytes of a row", () => {
    expect(priced.sheet.id.length).toBe(16);
  });

  test("of what a killed process left open is kept too, with the markup that its call began with", async () => {
    const folder = temporaryFolder();
    const killed = await open(folder);
    await killed.open(request(1), attempt(1, { markup: "1.2" }));
    await until("the row is in the store", () => killed.lag().bytes === 0);
    await killed.drain();
    await (await open(folder)).drain();
    // 101 estimated tokens x 2,000; x 1.2
    expect(rows(folder, "select cost_nanodollars, billed_nanodollars, markup from attempts")).toEqual([
      { cost_nanodollars: 202_000, billed_nanodollars: 242_400, markup: "1.2" },
    ]);
    const store = await openSqlite(folder);
    const explained = await explainRequest(store, "request-1");
    await store.destroy();
    expect(explained?.attempts[0]?.bill?.lines).toMatchObject([
      { unit: "input", count: 101, priced: { rate: 2_000_000_000n } },
    ]);
    expect(explained).toMatchObject({ cost: 202_000n, billed: 242_400n });
  });
});

/** Attempts of a request that has not ended are looked for by the time in their ids. */
const attemptId = (number: number) => idAt("att_", START_MS + number, number);
const attemptNumber = (number: number) =>
  attempt(number, { requestId: "request-1", ordinal: number, attemptId: attemptId(number) });

describe("an explanation", () => {
  test("of a request that is not there is none", async () => {
    const store = await openSqliteInMemory();
    expect(await explainRequest(store, "nothing")).toBeUndefined();
    await store.destroy();
  });

  test("says what it does not know", async () => {
    const folder = temporaryFolder();
    const ledger = await open(folder);
    await ledger.open(request(1), attemptNumber(1));
    ledger.close(closing(1, { attemptId: attemptId(1), cost: nanoDollars(5) }));
    await ledger.open(request(1), attemptNumber(2));
    const { sheet } = priced;
    ledger.close(
      closing(2, { attemptId: attemptId(2), usage: USAGE, cost: nanoDollars(7), priceSheet: sheet.id }),
      sheet,
    );
    await ledger.open(request(1), attemptNumber(3));
    const marked = { cost: priced.cost, billed: nanoDollars(1), priceSheet: sheet.id };
    ledger.close(closing(3, { attemptId: attemptId(3), usage: USAGE, ...marked }), sheet);
    await ledger.open(request(1), attemptNumber(4));
    await until("all is in the store", () => ledger.lag().bytes === 0);
    const store = await openSqlite(folder);
    const explained = await explainRequest(store, "request-1");
    await store.destroy();
    await ledger.drain();
    expect(explained?.attempts.map(({ notes }) => notes)).toEqual([
      ["the rates of calls were not yet kept when this one was made"],
      ["the lines come to 0.00028, which is not what the ledger has"],
      ["with the markup it would be 0.00028"],
      ["the call has not ended yet"],
    ]);
  });

  test("names billed tool calls that have no price", async () => {
    const folder = temporaryFolder();
    const ledger = await open(folder);
    const usage = { ...USAGE, billedToolCalls: 3, billedTools: { fileSearch: 2 } };
    const { cost, sheet } = priceBook.cost("acme", "large", usage, START_MS) ?? fail();
    await ledger.open(request(1), attempt(1));
    ledger.close(closing(1, { usage, cost, priceSheet: sheet.id }), sheet);
    ledger.finish(request(1), finish(1));
    await ledger.drain();
    const store = await openSqlite(folder);
    const explained = await explainRequest(store, "request-1");
    await store.destroy();
    expect(explained?.attempts[0]?.notes).toEqual([
      "file search: 2, without a price, hence not in the sum",
      "tool call: 1, without a price, hence not in the sum",
    ]);
    expect(explained?.cost).toBe(280_000n);
  });
});

test("the sheet of a book and that of the store work out the same markup and cost", () => {
  const book = createPriceBook({
    priceDataIds: new Map(),
    overrides: new Map([["acme/x", { input: "0.333333333", output: 1 }]]),
  });
  const { cost, sheet } = book.cost("acme", "x", { ...USAGE, inputTokens: 2 }, START_MS) ?? fail();
  expect(readSheet(sheet.text)?.id).toBe(sheet.id);
  expect(applyMarkup(cost, "1.5")).toBe(nanoDollars(16_001));
});

function fail(): never {
  throw new Error("the sample has a price");
}
