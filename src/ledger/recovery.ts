import type { Database } from "bun:sqlite";
import {
  ATTEMPT_PURPOSES,
  type AttemptClosing,
  type AttemptOpening,
  type RequestClosing,
  type RequestOpening,
} from "../model/attempt.ts";
import { NO_USAGE } from "../model/usage.ts";
import type { JournalPosition } from "../storage/batch.ts";
import { attemptIdsOf } from "../storage/row-ids.ts";
import type { AttemptRow, RequestRow } from "../storage/schema.ts";
import { costFacts } from "./cost-facts.ts";
import { readChunk } from "./journal-reader.ts";
import { type JournalRecord, parseLine } from "./journal-record.ts";
import type { StoredSheet } from "./ledger.ts";
import type { PriceBook } from "./prices/price-book.ts";

/** A request that a killed process left behind, how it ended, and the ends of its attempts. */
export interface InterruptedRequest {
  readonly request: RequestOpening;
  readonly closing: RequestClosing;
}

/** The end of an attempt that a killed process left behind, and what its cost was worked out with. */
export interface InterruptedAttempt {
  readonly closing: AttemptClosing;
  readonly sheet?: StoredSheet;
}

/** What must be added to the journal so that everything begun has ended. */
export interface Interrupted {
  readonly attempts: readonly InterruptedAttempt[];
  readonly requests: readonly InterruptedRequest[];
}

/** Where to look, and what to take for the end. */
export interface RecoveryOptions {
  readonly store: Database;
  readonly journalFolder: string;
  /** From where on the journal is not in the store. */
  readonly moved: JournalPosition;
  /** Where the journal ends. */
  readonly end: JournalPosition;
  readonly priceBook: PriceBook;
  /** When the process last showed life, in milliseconds since 1970. */
  readonly lastAliveMs: number;
}

/**
 * Finds what was begun and never ended, in the store and in the journal that is not in the store yet. Changes
 * nothing: who appends the result to the journal may be killed half way, and the next start finds just the rest.
 */
export function findInterrupted(options: RecoveryOptions): Interrupted {
  const open = new OpenWork(options.store);
  for (const record of readRecords(options)) open.apply(record);
  return {
    attempts: open.attempts().map((attempt) => interruptedAttempt(attempt, options)),
    requests: open.requests().map(({ request, attempts }) => interruptedRequest(request, attempts, options)),
  };
}

interface OpenRequest {
  readonly request: RequestOpening;
  attempts: number;
}

/** What has begun and not ended, as records come by. */
class OpenWork {
  readonly #attempts = new Map<string, AttemptOpening>();
  readonly #requests = new Map<string, OpenRequest>();

  constructor(store: Database) {
    const attempts = store.query<AttemptRow, []>("select * from attempts where outcome is null");
    for (const row of attempts.all()) this.#attempts.set(row.id, attemptOpening(row));
    const requests = store.query<RequestRow, []>("select * from requests where outcome is null");
    const opened = store.query<{ count: number | null }, [string, string]>(
      "select max(ordinal) as count from attempts where id >= ? and request_id = ?",
    );
    for (const row of requests.all()) {
      const { count } = opened.get(attemptIdsOf(row).from, row.id) ?? { count: null };
      this.#requests.set(row.id, { request: requestOpening(row), attempts: count ?? 0 });
    }
  }

  apply(record: JournalRecord): void {
    if (record.kind === "close") this.#attempts.delete(record.closing.attemptId);
    else if (record.kind === "finish") this.#requests.delete(record.closing.requestId);
    else if (record.kind === "open") this.#open(record.request, record.attempt);
  }

  attempts(): AttemptOpening[] {
    return [...this.#attempts.values()];
  }

  requests(): OpenRequest[] {
    return [...this.#requests.values()];
  }

  #open(request: RequestOpening, attempt: AttemptOpening): void {
    this.#attempts.set(attempt.attemptId, attempt);
    const known = this.#requests.get(request.requestId);
    this.#requests.set(request.requestId, {
      request,
      attempts: Math.max(known?.attempts ?? 0, attempt.ordinal),
    });
  }
}

function* readRecords({ journalFolder, moved, end }: RecoveryOptions): Generator<JournalRecord> {
  let position = moved;
  for (;;) {
    const chunk = readChunk(journalFolder, position, end);
    if (chunk === undefined) return;
    for (const line of chunk.lines) {
      const record = parseLine(line);
      if (record !== undefined) yield record;
    }
    position = chunk.next;
  }
}

/** The prompt may have been billed, so it is charged by its size; what came of the answer is known to nobody. */
function interruptedAttempt(attempt: AttemptOpening, options: RecoveryOptions): InterruptedAttempt {
  const usage = { ...NO_USAGE, inputTokens: Math.ceil(attempt.bodyBytes / 4) };
  const priced = options.priceBook.cost(attempt.provider, attempt.model, usage, attempt.startedAtMs);
  const closing: AttemptClosing = {
    attemptId: attempt.attemptId,
    outcome: "interrupted",
    usage,
    ...(priced === undefined ? {} : costFacts(priced, usage, attempt.markup)),
    priceBookVersion: options.priceBook.version,
    totalMs: Math.max(0, options.lastAliveMs - attempt.startedAtMs),
    answerBytes: 0,
  };
  return priced === undefined ? { closing } : { closing, sheet: priced.sheet };
}

function interruptedRequest(
  request: RequestOpening,
  attempts: number,
  { lastAliveMs }: RecoveryOptions,
): InterruptedRequest {
  const totalMs = Math.max(0, lastAliveMs - request.receivedAtMs);
  const { requestId } = request;
  return { request, closing: { requestId, outcome: "interrupted", status: 0, attempts, totalMs } };
}

function attemptOpening(row: AttemptRow): AttemptOpening {
  return {
    attemptId: row.id,
    requestId: row.request_id,
    ordinal: row.ordinal,
    startedAtMs: row.started_at_ms,
    provider: row.provider,
    model: row.model,
    bodyBytes: row.body_bytes,
    ...(row.markup === null ? {} : { markup: row.markup }),
    ...purposeOf(row),
  };
}

function purposeOf({ purpose }: AttemptRow): Pick<AttemptOpening, "purpose"> {
  const known = ATTEMPT_PURPOSES.find((each) => each === purpose);
  return known === undefined ? {} : { purpose: known };
}

function requestOpening(row: RequestRow): RequestOpening {
  return {
    requestId: row.id,
    receivedAtMs: row.received_at_ms,
    project: row.project,
    keyId: row.key_id,
    operation: row.operation,
    dialect: row.dialect,
    requestedModel: row.requested_model,
    stream: row.stream === 1,
    ...(row.end_user === null ? {} : { endUser: row.end_user }),
  };
}
