import { formatDollars } from "../model/money.ts";
import type { AttemptFacts, CallFacts } from "./call-facts.ts";
import type { CallLog, Log, Logs } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { redactSecrets } from "./redact.ts";

/** What clients name, they could name at any length; a log line keeps this much of it. */
const MAX_NAME_CHARACTERS = 200;

/** What the gateway tells of its calls: counted, and one line each in the log. */
export class Telemetry {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly #calls: CallLog;

  constructor(metrics: Metrics, logs: Logs) {
    this.metrics = metrics;
    this.log = logs.log;
    this.#calls = logs.calls;
  }

  attemptEnded(facts: AttemptFacts): void {
    this.metrics.attemptEnded(facts);
  }

  callEnded(facts: CallFacts): void {
    this.metrics.callEnded(facts);
    const level = facts.errorCode === "internal" ? "error" : facts.outcome === "ok" ? "info" : "warn";
    this.#calls.write(level, lineOf(facts), "call");
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
    const line = { request_id: requestId, method, path: said(path), status, code };
    if (code === "internal") this.#calls.write("error", { ...line, cause: describe(cause) }, "refused");
    else this.#calls.write("info", line, "refused");
  }
}

/** Field names follow OpenTelemetry's GenAI conventions where they exist. */
function lineOf(facts: CallFacts): Record<string, unknown> {
  return {
    request_id: facts.requestId,
    project: facts.project,
    key_id: facts.keyId,
    dialect: facts.dialect,
    operation: facts.operation,
    model: said(facts.requestedModel),
    target: facts.target === undefined ? undefined : said(facts.target),
    stream: facts.stream,
    outcome: facts.outcome,
    status: facts.status,
    code: facts.errorCode,
    error: facts.errorMessage === undefined ? undefined : redactSecrets(facts.errorMessage),
    attempts: facts.attempts,
    input_tokens: facts.usage?.inputTokens,
    cached_tokens: facts.usage?.cachedInputTokens,
    output_tokens: facts.usage?.outputTokens,
    usage: facts.usage?.source,
    cost_usd: facts.cost === undefined ? undefined : formatDollars(facts.cost),
    first_token_ms: rounded(facts.firstTokenMs),
    total_ms: rounded(facts.totalMs),
    content: facts.content === undefined ? undefined : redactedContent(facts.content),
    cause: facts.cause === undefined ? undefined : describe(facts.cause),
  };
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}

/** A name that a client chose, short enough for a line and without secrets. */
function said(name: string): string {
  return redactSecrets(name.slice(0, MAX_NAME_CHARACTERS));
}

function redactedContent({ request, answer }: NonNullable<CallFacts["content"]>): CallFacts["content"] {
  return { request: redactSecrets(request), answer: redactSecrets(answer) };
}

function describe(cause: unknown): string {
  return redactSecrets(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
}
