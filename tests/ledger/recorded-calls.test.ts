import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import { type RecordedRows, recordedCalls } from "../../src/ledger/requests/recorded-calls.ts";
import { ATTEMPT_COLUMNS, REQUEST_COLUMNS } from "../../src/storage/columns.ts";
import { openDatabaseInMemory } from "../../src/storage/open-sqlite.ts";
import { attempt, closing, finish, request, START_MS } from "./samples.ts";
import { idAt } from "./timed-ids.ts";

const ALL = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER };

interface Call {
  /** When it came, in milliseconds since the first could have. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** When its attempts began, as shares of how long it lasts. */
  readonly attempts: readonly number[];
}

type RequestWithAttempts = readonly [request: string, attempts: readonly string[]];

const calls: fc.Arbitrary<readonly Call[]> = fc.array(
  fc.record({
    atMs: fc.nat({ max: 600_000 }),
    lastsMs: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: 3_600_000 })),
    attempts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  }),
  { maxLength: 20 },
);

function inserting<Column extends string>(database: Database, table: string, columns: readonly Column[]) {
  const marks = columns.map(() => "?").join(", ");
  const statement = database.query(`insert into ${table} (${columns.join(", ")}) values (${marks})`);
  return (row: { readonly [C in Column]: string | number | null }): void => {
    statement.run(...columns.map((column) => row[column]));
  };
}

/** Stores the calls. Gives the id of each with those of its attempts, in their order. */
function store(database: Database, stored: readonly Call[]): readonly RequestWithAttempts[] {
  database.run("delete from requests; delete from attempts");
  const addRequest = inserting(database, "requests", REQUEST_COLUMNS);
  const addAttempt = inserting(database, "attempts", ATTEMPT_COLUMNS);
  const ids: RequestWithAttempts[] = [];
  for (const [number, { atMs, lastsMs, attempts }] of stored.entries()) {
    const receivedAtMs = START_MS + atMs;
    const requestId = idAt("req_", receivedAtMs, number);
    const opening = request(number, { requestId, receivedAtMs });
    addRequest(requestRow(opening, finish(number, { requestId, totalMs: lastsMs })));
    const begun = attempts
      .toSorted((one, other) => one - other)
      .map((share) => receivedAtMs + share * lastsMs);
    const own = begun.map((startedAtMs, place) => {
      const attemptId = idAt("att_", startedAtMs, number * 10 + place);
      const begins = attempt(number, { attemptId, requestId, ordinal: place + 1, startedAtMs });
      addAttempt(attemptRow(opening, begins, closing(number, { attemptId })));
      return attemptId;
    });
    ids.push([requestId, own]);
  }
  return ids.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function idsOf(rows: Iterable<RecordedRows>): readonly RequestWithAttempts[] {
  return Array.from(rows, ({ request: { id }, attempts }) => [id, attempts.map((row) => row.id)]);
}

test("each request comes with its own attempts, however few of them may be kept ahead", async () => {
  const database = await openDatabaseInMemory();
  fc.assert(
    fc.property(calls, fc.integer({ min: 1, max: 8 }), (stored, maxAhead) => {
      const expected = store(database, stored);
      expect(idsOf(recordedCalls(database, ALL))).toEqual(expected);
      expect(idsOf(recordedCalls(database, ALL, maxAhead))).toEqual(expected);
    }),
    { numRuns: 200 },
  );
  database.close();
});
