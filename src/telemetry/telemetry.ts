import type { AttemptFacts, CallFacts } from "./call-facts.ts";
import { callLine, describe, said } from "./call-line.ts";
import type { CallLog, Log, Logs } from "./log.ts";
import type { Metrics } from "./metrics.ts";

interface EndedAttempt {
  readonly provider: string;
  readonly model: string;
  readonly facts: AttemptFacts;
}

/**
 * What the gateway tells of its calls: counted, and one line each in the log. What ends in one turn of the event loop is
 * counted and written together, after the answers have gone: done in the middle of each call it costs twice as much,
 * since code and data have left the processor's caches each time.
 */
export class Telemetry {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly #calls: CallLog;
  #endedAttempts: EndedAttempt[] = [];
  #endedCalls: CallFacts[] = [];

  constructor(metrics: Metrics, logs: Logs) {
    this.metrics = metrics;
    this.log = logs.log;
    this.#calls = logs.calls;
  }

  attemptEnded(provider: string, model: string, facts: AttemptFacts): void {
    this.#schedule();
    this.#endedAttempts.push({ provider, model, facts });
  }

  callEnded(facts: CallFacts): void {
    this.#schedule();
    this.#endedCalls.push(facts);
  }

  /** Counts and writes what has ended, now. */
  settle(): void {
    const attempts = this.#endedAttempts;
    const calls = this.#endedCalls;
    this.#endedAttempts = [];
    this.#endedCalls = [];
    for (const { provider, model, facts } of attempts) this.metrics.attemptEnded(provider, model, facts);
    for (const call of calls) this.metrics.callEnded(call);
    for (const call of calls) {
      this.#calls.write(levelOf(call), (number, timeMs) => callLine(call, number, timeMs));
    }
  }

  #schedule(): void {
    if (this.#endedAttempts.length + this.#endedCalls.length === 0) setImmediate(() => this.settle());
  }

  /** An answer that never became a call: refused by a guard or for its key. */
  refused(
    requestId: string,
    method: string,
    path: string,
    status: number,
    code: string,
    cause?: unknown,
  ): void {
    this.metrics.errorGiven(code);
    const isInternal = code === "internal";
    const fields = { request_id: requestId, method, path: said(path), status, code };
    this.#calls.write(isInternal ? "error" : "info", (level, time) =>
      JSON.stringify({
        level,
        time,
        ...fields,
        ...(isInternal ? { cause: describe(cause) } : {}),
        msg: "refused",
      }),
    );
  }
}

function levelOf({ closing, failure }: CallFacts): "info" | "warn" | "error" {
  if (failure?.code === "internal") return "error";
  return closing.outcome === "ok" ? "info" : "warn";
}
