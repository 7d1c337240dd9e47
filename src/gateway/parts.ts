import type { Egress } from "../egress/egress.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { Dialect } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { StoredResponses } from "../model/stored-response.ts";
import type { Admissions } from "../policy/admission.ts";
import type { Budgets } from "../policy/budgets/budgets.ts";
import type { OutputForecast } from "../policy/budgets/output-forecast.ts";
import type { KeptAnswers } from "../policy/idempotency/kept-answers.ts";
import type { BrowserTokens } from "../policy/identity/browser-tokens.ts";
import type { KeyDirectory } from "../policy/identity/key-directory.ts";
import type { RateLimits } from "../policy/limits/rate-limits.ts";
import type { RoutingState } from "../routing/routing-state.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Ticker } from "./ticker.ts";
import type { UpstreamCalls } from "./upstream-calls.ts";

/** A call in flight, as far as whoever ends the gateway needs to know it. */
export interface Interruptible {
  /** Gives the call up; its client is told so. */
  interrupt(): void;
}

/** What the gateway works with; the assembly puts it together. */
export interface Parts {
  /** The configuration in force. A call takes it once and keeps it to its end. */
  snapshot(): Snapshot;
  readonly dialects: ReadonlyMap<DialectId, Dialect>;
  readonly keys: Pick<KeyDirectory, "caller">;
  readonly tokens: Pick<BrowserTokens, "caller" | "mint">;
  /** Answers that are kept for whoever asks the same again; undefined where no clients but our own ask. */
  readonly answers: KeptAnswers | undefined;
  /** Which provider stores which response; undefined where no clients but our own ask. */
  readonly storedResponses: StoredResponses | undefined;
  /** Web origins whose pages may call where no policy says otherwise. */
  readonly configuredOrigins: ReadonlySet<string>;
  readonly admissions: Admissions;
  readonly rates: RateLimits;
  readonly budgets: Budgets;
  readonly forecast: OutputForecast;
  /** What is remembered of targets and routes. */
  readonly routing: RoutingState;
  readonly egress: Egress;
  readonly ledger: Ledger;
  readonly prices: PriceBook;
  readonly telemetry: Telemetry;
  readonly ticker: Ticker;
  readonly upstreamCalls: UpstreamCalls;
  readonly liveCalls: Set<Interruptible>;
  /** Copies of calls that are under way. */
  readonly shadowCalls: Set<Interruptible>;
  readonly openStreams: Set<Interruptible>;
  /** Whether a project asks for its prompts and answers to be logged. */
  recordsContent(project: string): boolean;
}
