import type { ParsedRequest } from "./http-parser.ts";

/** One call as the provider saw it. All times are Date.now(). */
export interface CallRecord {
  /** From 1, in the order in which requests were complete. Goes on after the log is cleared. */
  readonly sequence: number;
  /** Which connection it came on, from 1: calls with the same number shared it. */
  readonly connection: number;
  /** When the first byte of the request was read. */
  readonly receivedAtMs: number;
  readonly method: string;
  readonly path: string;
  /** In the order and with the capitals they came in. */
  readonly headers: readonly (readonly [string, string])[];
  /** As UTF-8, the first MiB of it. */
  readonly bodyText: string;
  readonly bodyBytes: number;
  /** The name that was found in the table; `none` for a request that was never complete. */
  readonly scenario: string;
  /** From `x-gatehouse-attempt-id`, `x-gatehouse-attempt` or `x-attempt-id`. */
  readonly attemptId?: string;
  /** Events (without `[DONE]`) and bytes of the body that the socket took, to within one socket buffer. */
  eventsSent: number;
  bytesSent: number;
  /**
   * `finished`: sent as it should be. `fault`: sent as the scenario's fault says. `client-closed`: the peer closed
   * or reset before either, which is also how every hang ends. `in-flight`: none of these yet.
   */
  outcome: "in-flight" | "finished" | "fault" | "client-closed";
  finishedAtMs?: number;
  /** With `client-closed`: when this end learned of it. */
  abortedAtMs?: number;
}

const BODY_TEXT_LIMIT = 1024 * 1024;
const ATTEMPT_HEADERS = ["x-gatehouse-attempt-id", "x-gatehouse-attempt", "x-attempt-id"];

export class CallLog {
  #records: CallRecord[] = [];
  #sequence = 0;

  open(request: ParsedRequest, connection: number, scenario: string): CallRecord {
    this.#sequence += 1;
    const attempt = request.headers.find(([name]) => ATTEMPT_HEADERS.includes(name.toLowerCase()));
    const record: CallRecord = {
      sequence: this.#sequence,
      connection,
      receivedAtMs: request.receivedAtMs,
      method: request.method,
      path: request.path,
      headers: request.headers,
      bodyText: request.body.toString("utf8", 0, BODY_TEXT_LIMIT),
      bodyBytes: request.body.length,
      scenario,
      ...(attempt === undefined ? {} : { attemptId: attempt[1] }),
      eventsSent: 0,
      bytesSent: 0,
      outcome: "in-flight",
    };
    this.#records.push(record);
    return record;
  }

  get records(): readonly CallRecord[] {
    return this.#records;
  }

  clear(): void {
    this.#records = [];
  }
}
