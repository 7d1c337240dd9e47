import type { Database } from "bun:sqlite";
import { ChoiceRecord } from "../../src/gateway/choice-record.ts";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import type { AttemptClosing, RequestOpening } from "../../src/model/attempt.ts";
import type { MeasuredFacts } from "../../src/model/routing-record.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { ATTEMPT_COLUMNS, REQUEST_COLUMNS } from "../../src/storage/columns.ts";
import { idAt } from "../ledger/timed-ids.ts";
import type { CallResult, SimulatedAttempt } from "./simulation.ts";

let begun = 0;

/** What is told of a call beside what became of it. */
export interface StoredCall {
  readonly result: CallResult;
  readonly route: string;
  readonly facts: MeasuredFacts & { readonly endUser?: string };
}

/** Stores simulated calls as a gateway stores its own. */
export function storeCalls(database: Database, calls: readonly StoredCall[]): void {
  const request = inserting(database, "requests", REQUEST_COLUMNS);
  const attempt = inserting(database, "attempts", ATTEMPT_COLUMNS);
  database.transaction(() => {
    for (const call of calls) {
      const { request: opening, rows } = rowsOf(call);
      request(opening);
      for (const row of rows) attempt(row);
    }
  })();
}

function inserting<Column extends string>(database: Database, table: string, columns: readonly Column[]) {
  const marks = columns.map(() => "?").join(", ");
  const statement = database.query(`insert into ${table} (${columns.join(", ")}) values (${marks})`);
  return (row: { readonly [C in Column]: string | number | null }): void => {
    statement.run(...columns.map((column) => row[column]));
  };
}

function rowsOf({ result, route, facts: { endUser, ...measured } }: StoredCall) {
  const { id, attempts, record, startedAtMs, endedAtMs, failure } = result;
  const request: RequestOpening = {
    requestId: id,
    receivedAtMs: startedAtMs,
    project: "shop",
    keyId: "key_1",
    operation: "chat",
    dialect: "openai-chat",
    requestedModel: route,
    stream: false,
    ...(endUser === undefined ? {} : { endUser }),
  };
  const choice = new ChoiceRecord({ measured: () => measured });
  const rows = attempts.map((attempt, place) => {
    const closing = closingOf(id, attempt);
    const endMs = attempt.startedAtMs + closing.totalMs;
    choice.ended(closing, place + 1, endMs, attempt.behaviour.failure?.retryAfterMs);
    return attemptRow(request, openingOf(id, attempt, place), closing);
  });
  const closing = {
    requestId: id,
    outcome: failure === undefined ? ("ok" as const) : ("failed" as const),
    status: failure?.status ?? 200,
    attempts: attempts.length,
    totalMs: endedAtMs - startedAtMs,
    route,
    routing: choice.complete(record),
    ...(failure === undefined ? {} : { errorCode: failure.code }),
  };
  return { request: requestRow(request, closing), rows };
}

function openingOf(requestId: string, { target, startedAtMs }: SimulatedAttempt, place: number) {
  return {
    attemptId: idAt("att_", startedAtMs, begun++),
    requestId,
    ordinal: place + 1,
    startedAtMs,
    provider: target.upstream.provider,
    model: target.model,
    bodyBytes: 400,
  };
}

function closingOf(requestId: string, { behaviour }: SimulatedAttempt): AttemptClosing {
  const { failure, totalMs, usage } = behaviour;
  return {
    attemptId: requestId,
    outcome: failure === undefined ? "ok" : "failed",
    usage: failure === undefined ? { ...NO_USAGE, source: "reported", ...usage } : NO_USAGE,
    priceBookVersion: "test",
    totalMs,
    answerBytes: 0,
    ...(failure === undefined ? {} : { errorCode: failure.code }),
    ...(failure?.errorClass === undefined ? {} : { errorClass: failure.errorClass }),
  };
}
