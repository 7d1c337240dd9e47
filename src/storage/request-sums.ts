import type { Database } from "bun:sqlite";
import { idFrom, timeOfId } from "./row-ids.ts";
import type { AttemptRow, RequestSumsRow } from "./schema.ts";

/** What a request's sums are made of. */
export type SummedAttempt = Pick<
  AttemptRow,
  | "request_id"
  | "outcome"
  | "provider"
  | "model"
  | "error_class"
  | "input_tokens"
  | "output_tokens"
  | "cost_nanodollars"
  | "billed_nanodollars"
>;

interface Kept {
  attempts: number;
  /** Whether one of them gave the answer: it is named, though another one that it outran may end later. */
  isAnswered: boolean;
  readonly sums: RequestSumsRow;
}

/** Requests whose attempts have ended before they did; nearly all end in the same batch. */
const MAX_KEPT = 50_000;

/** The sums of a request that came to no attempt. */
export const NO_SUMS: RequestSumsRow = Object.freeze({
  provider: null,
  model: null,
  error_class: null,
  input_tokens: null,
  output_tokens: null,
  cost_nanodollars: null,
  billed_nanodollars: null,
});

/** Adds up the attempts of requests as they end, so that a request's row can say what it came to. */
export class RequestSums {
  readonly #kept = new Map<string, Kept>();
  readonly #stored;

  constructor(database: Database) {
    this.#stored = database.prepare<SummedAttempt, [string, string]>(
      `select request_id, outcome, provider, model, error_class, input_tokens, output_tokens, cost_nanodollars, billed_nanodollars
       from attempts where id >= ? and request_id = ? and outcome is not null
         and purpose is not 'shadow'
       order by ordinal`,
    );
  }

  /** An attempt has ended. */
  add(attempt: SummedAttempt): void {
    const kept = this.#kept.get(attempt.request_id) ?? nothingKept();
    if (kept.attempts === 0) {
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(attempt.request_id, kept);
    }
    addTo(kept, attempt);
  }

  /** What a request that has ended came to, after so many attempts. */
  take(requestId: string, attempts: number): RequestSumsRow {
    if (attempts === 0) return NO_SUMS;
    const kept = this.#kept.get(requestId);
    this.#kept.delete(requestId);
    return kept?.attempts === attempts ? kept.sums : this.#readStored(requestId);
  }

  /** What was added since the last commit did not happen; what is missing then is read from the rows. */
  forget(): void {
    this.#kept.clear();
  }

  close(): void {
    this.#stored.finalize();
  }

  /** A request's attempts are made after it came. */
  #readStored(requestId: string): RequestSumsRow {
    const timeMs = timeOfId(requestId);
    const kept = nothingKept();
    const from = timeMs === undefined ? "" : idFrom("att_", timeMs);
    for (const attempt of this.#stored.all(from, requestId)) addTo(kept, attempt);
    return kept.sums;
  }
}

function nothingKept(): Kept {
  return { attempts: 0, isAnswered: false, sums: { ...NO_SUMS } };
}

function addTo(kept: Kept, attempt: SummedAttempt): void {
  const { sums } = kept;
  kept.attempts++;
  if (!kept.isAnswered) {
    sums.provider = attempt.provider;
    sums.model = attempt.model;
    sums.error_class = attempt.error_class;
    kept.isAnswered = attempt.outcome === "ok";
  }
  sums.input_tokens = sum(sums.input_tokens, attempt.input_tokens);
  sums.output_tokens = sum(sums.output_tokens, attempt.output_tokens);
  sums.cost_nanodollars = sum(sums.cost_nanodollars, attempt.cost_nanodollars);
  sums.billed_nanodollars = sum(sums.billed_nanodollars, attempt.billed_nanodollars);
}

/** Where nothing is known of either, nothing is of both. */
function sum(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : one + other;
}
