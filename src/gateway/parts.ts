import type { Ledger } from "../ledger/ledger.ts";
import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { Dialect, DialectId } from "../model/dialect.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { KeyDirectory } from "../policy/identity/key-directory.ts";
import type { ConcurrencyLimit } from "../policy/limits/concurrency.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { LiveCall } from "./live-call.ts";
import type { Ticker } from "./ticker.ts";
import type { UpstreamCalls } from "./upstream-calls.ts";

/** What the gateway works with; the assembly puts it together. */
export interface Parts {
  /** The configuration in force. A call takes it once and keeps it to its end. */
  snapshot(): Snapshot;
  readonly dialects: ReadonlyMap<DialectId, Dialect>;
  readonly keys: KeyDirectory;
  readonly concurrency: ConcurrencyLimit;
  readonly ledger: Ledger;
  readonly prices: PriceBook;
  readonly telemetry: Telemetry;
  readonly ticker: Ticker;
  readonly upstreamCalls: UpstreamCalls;
  readonly liveCalls: Set<LiveCall>;
  readonly openStreams: Set<LiveCall>;
  /** Whether a project asks for its prompts and answers to be logged. */
  recordsContent(project: string): boolean;
}
