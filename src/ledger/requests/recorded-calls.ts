import type { Database } from "bun:sqlite";
import { attemptIdsOf, idBefore, idFrom } from "../../storage/row-ids.ts";
import type { AttemptRow, RequestRow } from "../../storage/schema.ts";

/** A request with its attempts in the order in which they were made, and before them its copies at shadows. */
export interface RecordedRows {
  readonly request: RequestRow;
  readonly attempts: readonly AttemptRow[];
}

/** Milliseconds since 1970; the end is not included. */
export interface RecordedTime {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const PAGE = 2_000;
/** At about a kilobyte each. */
const MAX_ATTEMPTS_AHEAD = 50_000;

/**
 * All requests of a time that have ended, oldest first, each with its attempts and copies. The tables are read side by
 * side, in their order, a page at a time: nothing is looked up, and no long read keeps the log of the store from being
 * emptied. `maxAttemptsAhead` bounds what is kept in memory; where requests last so long that more attempts begin
 * meanwhile, theirs are looked for among them.
 */
export function* recordedCalls(
  database: Database,
  { sinceMs, untilMs }: RecordedTime,
  maxAttemptsAhead: number = MAX_ATTEMPTS_AHEAD,
): Generator<RecordedRows> {
  const attempts = new AttemptsAlongside(database, sinceMs, maxAttemptsAhead);
  const end = idBefore("req_", untilMs);
  let after = idFrom("req_", sinceMs);
  for (;;) {
    const page = database
      .query<RequestRow, [string, string, number]>(
        "select * from requests where id > ? and id < ? order by id limit ?",
      )
      .all(after, end, PAGE);
    attempts.read(page);
    for (const request of page) {
      const { received_at_ms: atMs, outcome, id } = request;
      const own = attempts.take(id);
      if (outcome !== null && atMs >= sinceMs && atMs < untilMs) yield { request, attempts: own };
    }
    const last = page.at(-1)?.id;
    if (last === undefined) return;
    attempts.forget(last);
    after = last;
  }
}

/** Attempts begin while their requests run: read as far ahead as the longest of them lasts, or as there is room. */
class AttemptsAlongside {
  readonly #database: Database;
  readonly #max: number;
  readonly #byRequest = new Map<string, AttemptRow[]>();
  #kept = 0;
  #after: string;

  constructor(database: Database, sinceMs: number, max: number) {
    this.#database = database;
    this.#max = max;
    this.#after = attemptIdsOf({ received_at_ms: sinceMs, total_ms: 0 }).from;
  }

  read(requests: readonly RequestRow[]): void {
    const lastMs = requests.reduce(
      (latest, { received_at_ms: atMs, total_ms: lasted }) => Math.max(latest, atMs + (lasted ?? 0)),
      0,
    );
    const { before } = attemptIdsOf({ received_at_ms: lastMs, total_ms: 0 });
    while (this.#kept < this.#max) {
      const page = this.#database
        .query<AttemptRow, [string, string, number]>(
          "select * from attempts where id > ? and id < ? order by id limit ?",
        )
        .all(this.#after, before, Math.min(PAGE, this.#max - this.#kept));
      for (const attempt of page) this.#keep(attempt);
      const last = page.at(-1)?.id;
      if (last === undefined) return;
      this.#after = last;
    }
    this.#seek(requests, before);
  }

  take(requestId: string): readonly AttemptRow[] {
    const attempts = this.#byRequest.get(requestId) ?? [];
    this.#drop(requestId);
    return attempts.sort((one, other) => one.ordinal - other.ordinal);
  }

  /** What is left belongs to requests outside the time, or was found before. */
  forget(throughId: string): void {
    for (const id of this.#byRequest.keys()) if (id <= throughId) this.#drop(id);
  }

  /** These requests' own attempts among those that there is no room for. They come by again when there is. */
  #seek(requests: readonly RequestRow[], before: string): void {
    const ids = JSON.stringify(requests.map(({ id }) => id));
    const found = this.#database
      .query<AttemptRow, [string, string, string]>(
        "select * from attempts where id > ? and id < ? and request_id in (select value from json_each(?))",
      )
      .all(this.#after, before, ids);
    for (const attempt of found) this.#keep(attempt);
  }

  #keep(attempt: AttemptRow): void {
    const kept = this.#byRequest.get(attempt.request_id);
    if (kept === undefined) this.#byRequest.set(attempt.request_id, [attempt]);
    else kept.push(attempt);
    this.#kept++;
  }

  #drop(requestId: string): void {
    this.#kept -= this.#byRequest.get(requestId)?.length ?? 0;
    this.#byRequest.delete(requestId);
  }
}
