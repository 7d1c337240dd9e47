import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import type { Outcome, RequestOpening } from "../../src/model/attempt.ts";
import type { ErrorClass } from "../../src/model/error-class.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { BatchWriter, type RowBatch } from "../../src/storage/batch.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";

const DAY_MS = 86_400_000;
export const DAYS = 30;
const BATCH_ROWS = 5_000;

/** Fills the store of a data folder with so many requests of the last 30 days, each with its attempt. */
export async function fillStore(dataFolder: string, requests: number): Promise<void> {
  await (await openSqlite(dataFolder)).destroy();
  const database = openDatabase(storePath(dataFolder), { create: false, checkpoint: true });
  const writer = new BatchWriter(database);
  const endMs = Date.now();
  for (let from = 0; from < requests; from += BATCH_ROWS) {
    const count = Math.min(BATCH_ROWS, requests - from);
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    const timeOf = (number: number) =>
      endMs - DAYS * DAY_MS + Math.floor((number * DAYS * DAY_MS) / requests);
    writer.write(batchOf(numbers, timeOf), { segment: 0, offset: from + count });
  }
  writer.close();
  database.close();
}

function batchOf(numbers: readonly number[], timeOf: (number: number) => number): RowBatch {
  const calls = numbers.map((number) => callOf(number, timeOf(number)));
  return {
    openedRequests: [],
    openedAttempts: [],
    finishedRequests: calls.map(({ request }) => request),
    closedAttempts: calls.map(({ attempt }) => attempt),
    attemptClosings: [],
    requestClosings: [],
    priceSheets: [],
  };
}

/**
 * Who calls what: always the same for a number. Each of 20 keys calls 4 of 32 models and has 100 end users, who mostly
 * call one of them.
 */
function drawnFor(number: number) {
  const drawn = scattered(number);
  const again = scattered(drawn);
  const key = drawn % 20;
  const user = (again >> 3) % 100;
  const target = (key * 3 + ((again % 8 === 0 ? again >> 4 : user) % 4)) % 32;
  return {
    drawn,
    again,
    key,
    endUser: again % 3 === 0 ? `user-${20 * user + key}` : undefined,
    provider: `provider-${target % 4}`,
    model: `model-${target >> 2}`,
    failure: again % 50 === 0 ? FAILURES[(again >> 8) % FAILURES.length] : undefined,
  };
}

const FAILURES = ["overloaded", "rate_limit", "timeout"] as const satisfies readonly ErrorClass[];

/** A call like many, none like its neighbour. */
function callOf(number: number, atMs: number) {
  const { drawn, again, key, endUser, provider, model, failure } = drawnFor(number);
  const request: RequestOpening = {
    requestId: idAt("req_", atMs, number),
    receivedAtMs: atMs,
    project: `project-${key % 5}`,
    keyId: `key-${key}`,
    operation: drawn % 10 === 0 ? "embedding" : "chat",
    dialect: "openai-chat",
    requestedModel: `${provider}/${model}`,
    stream: drawn % 2 === 0,
    tags: { team: `team-${key % 7}` },
    ...(endUser === undefined ? {} : { endUser }),
  };
  const outcome: Outcome = failure === undefined ? "ok" : "failed";
  const status = failure === undefined ? 200 : 503;
  const inputTokens = 200 + (drawn % 3_000);
  const outputTokens = 20 + (again % 900);
  const attemptId = idAt("att_", atMs, number);
  const totalMs = 300 + (again % 20_000);
  const opening = {
    attemptId,
    requestId: request.requestId,
    ordinal: 1,
    startedAtMs: atMs,
    provider,
    model,
    bodyBytes: 4 * inputTokens,
  };
  const closing = {
    attemptId,
    outcome,
    ...(failure === undefined ? {} : { errorClass: failure, errorCode: "upstream_failed" }),
    upstreamStatus: status,
    usage: {
      ...NO_USAGE,
      inputTokens,
      outputTokens,
      source: "reported" as const,
      raw: { total: inputTokens },
    },
    cost: nanoDollars(inputTokens * 400 + outputTokens * 1_600),
    priceBookVersion: "bench",
    firstTokenMs: 100 + (drawn % 900),
    totalMs,
    answerBytes: 5 * outputTokens,
  };
  const attempt = attemptRow(request, opening, closing);
  const ended = { requestId: request.requestId, outcome, status, attempts: 1, totalMs };
  return { request: requestRow(request, ended), attempt };
}

/** Knuth's multiplicative hash: neighbours land far from each other. */
function scattered(number: number): number {
  return Math.imul(number + 1, 2_654_435_761) >>> 8;
}

function idAt(prefix: string, ms: number, number: number): string {
  const time = ms.toString(16).padStart(12, "0");
  return `${prefix}${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, "0")}`;
}
