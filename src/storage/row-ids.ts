/** The rows whose ids hold their time. */
export type RowIdPrefix = "req_" | "att_";

/**
 * A row's own time and that in its id are read from the clock one after the other, so they differ by a millisecond, or
 * by what a clock is set back just then. Who looks for rows by their ids allows for this and then looks at the rows' time.
 */
const SLACK_MS = 2000;

/**
 * An id that no row of that time or later comes before. Ids are UUIDs of version 7 (RFC 9562, 5.7), which begin with
 * their time, so the tables are in the order of time and need no index for it.
 */
export function idFrom(prefix: RowIdPrefix, fromMs: number): string {
  return idAt(prefix, fromMs - SLACK_MS);
}

/** An id that every row before that time comes before. */
export function idBefore(prefix: RowIdPrefix, beforeMs: number): string {
  return idAt(prefix, beforeMs + SLACK_MS);
}

/** When a request came, and how long it took in milliseconds; null while it goes on. */
export interface RequestTime {
  readonly received_at_ms: number;
  readonly total_ms: number | null;
}

/** Ids of rows that stand together: from the one on, before the other. */
export interface IdSpan {
  readonly from: string;
  readonly before: string;
}

/** A clock may be set by so much while a request runs. */
const CLOCK_STEP_MS = 60_000;
/** A request that is open still has run for as long as this at most. */
const LONGEST_REQUEST_MS = 86_400_000;

/** Where the attempts of a request stand, beside those of others: they are made while it runs. */
export function attemptIdsOf({ received_at_ms: fromMs, total_ms: lasted }: RequestTime): IdSpan {
  const untilMs = fromMs + (lasted ?? LONGEST_REQUEST_MS);
  return { from: idFrom("att_", fromMs - CLOCK_STEP_MS), before: idBefore("att_", untilMs + CLOCK_STEP_MS) };
}

function idAt(prefix: RowIdPrefix, ms: number): string {
  const time = Math.min(Math.max(0, Math.floor(ms)), LAST_MS);
  const digits = time.toString(16).padStart(12, "0");
  return `${prefix}${digits.slice(0, 8)}-${digits.slice(8)}`;
}

/** A UUID has 48 bits for it. */
const LAST_MS = 2 ** 48 - 1;

/** The time in a row's id, in milliseconds since 1970; undefined where it holds none. */
export function timeOfId(id: string): number | undefined {
  const [, high = "", low = ""] = /^[a-z]+_([0-9a-f]{8})-([0-9a-f]{4})-/.exec(id) ?? [];
  return high === "" ? undefined : Number.parseInt(high + low, 16);
}
