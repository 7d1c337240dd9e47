import type { AttemptClosing } from "../model/attempt.ts";
import type { MeasuredFacts, RoutedCall, RoutingRecord } from "../model/routing-record.ts";
import type { Writable } from "../model/writable.ts";

/** What tells what it had to work out of a request; undefined where that is nothing. */
export interface MeasuringFacts {
  measured(): MeasuredFacts | undefined;
}

/** An attempt's end. */
interface EndedCall {
  readonly ordinal: number;
  readonly endedMs: number;
  readonly closing: AttemptClosing;
  readonly retryAfterMs: number | undefined;
}

/**
 * All that a choice among targets hung on, gathered while its call runs, so that the row tells it and `gatehouse
 * simulate` can make it again. Calls with nothing to choose have none.
 */
export class ChoiceRecord {
  readonly #facts: MeasuringFacts;
  readonly #ends: EndedCall[] = [];

  /** The choice goes by these. */
  constructor(facts: MeasuringFacts) {
    this.#facts = facts;
  }

  /** An attempt has ended. `endedMs` is on routing's clock. */
  ended(closing: AttemptClosing, ordinal: number, endedMs: number, retryAfterMs: number | undefined): void {
    this.#ends.push({ ordinal, endedMs, closing, retryAfterMs });
  }

  /** The plan's own record with what was gathered beside it. */
  complete(record: RoutingRecord): RoutingRecord {
    const { atMs } = record;
    if (atMs === undefined) return record;
    const { tried, passedOver, stopped } = record;
    const complete: Writable<RoutingRecord> = {
      tried,
      passedOver,
      atMs: thousandths(atMs),
      calls: this.#calls(atMs),
    };
    if (stopped !== undefined) complete.stopped = stopped;
    const facts = this.#facts.measured();
    if (facts !== undefined) complete.facts = facts;
    return complete;
  }

  #calls(atMs: number): readonly RoutedCall[] {
    const calls: RoutedCall[] = [];
    for (const end of this.#ends) calls.push(routedCall(end, atMs));
    return calls;
  }
}

function routedCall({ ordinal, endedMs, closing, retryAfterMs }: EndedCall, atMs: number): RoutedCall {
  const { firstTokenMs, totalMs } = closing;
  const call: Writable<RoutedCall> = {
    ordinal,
    afterMs: thousandths(endedMs - totalMs - atMs),
    totalMs: thousandths(totalMs),
  };
  if (firstTokenMs !== undefined) call.firstTokenMs = thousandths(firstTokenMs);
  if (retryAfterMs !== undefined) call.retryAfterMs = Math.round(retryAfterMs);
  return call;
}

function thousandths(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
