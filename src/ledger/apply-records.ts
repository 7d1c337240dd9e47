import type { AttemptClosing, AttemptOpening, RequestOpening } from "../model/attempt.ts";
import type { RowBatch } from "../storage/batch.ts";
import type { JournalRecord, StoredClosing } from "./journal-record.ts";
import type { StoredSheet } from "./ledger.ts";
import { attemptClosingRow, attemptRow, requestClosingRow, requestRow } from "./ledger-rows.ts";

/**
 * The rows that a run of journal records comes to. Pure. What is opened and ended within the run becomes one whole
 * row; of two ends the first counts.
 */
export function applyRecords(records: readonly JournalRecord[]): RowBatch {
  const run = new Run();
  for (const record of records) run.add(record);
  return run.rows();
}

interface RequestWork {
  readonly request: RequestOpening;
  closing: StoredClosing | undefined;
}

interface AttemptWork {
  readonly request: RequestOpening;
  readonly attempt: AttemptOpening;
  closing: AttemptClosing | undefined;
}

class Run {
  readonly #requests = new Map<string, RequestWork>();
  readonly #attempts = new Map<string, AttemptWork>();
  /** Ends of what was opened before this run. */
  readonly #closings = new Map<string, AttemptClosing>();
  readonly #sheets = new Map<string, StoredSheet>();
  readonly #requestClosings = new Map<string, StoredClosing>();

  add(record: JournalRecord): void {
    if (record.kind === "open") this.#open(record.request, record.attempt);
    else if (record.kind === "close") this.#close(record.closing);
    else if (record.kind === "price-sheet") this.#sheets.set(record.sheet.id, record.sheet);
    else this.#finish(record.request, record.closing);
  }

  rows(): RowBatch {
    const requests = [...this.#requests.values()];
    const attempts = [...this.#attempts.values()];
    const requestRows = (isEnded: boolean) =>
      requests
        .filter(({ closing }) => (closing !== undefined) === isEnded)
        .map(({ request, closing }) => requestRow(request, closing));
    const attemptRows = (isEnded: boolean) =>
      attempts
        .filter(({ closing }) => (closing !== undefined) === isEnded)
        .map(({ request, attempt, closing }) => attemptRow(request, attempt, closing));
    return {
      openedRequests: requestRows(false),
      finishedRequests: requestRows(true),
      openedAttempts: attemptRows(false),
      closedAttempts: attemptRows(true),
      attemptClosings: [...this.#closings.values()].map(attemptClosingRow),
      priceSheets: [...this.#sheets.values()].map(({ id, text }) => ({ id, content: text })),
      requestClosings: [...this.#requestClosings.values()].map(requestClosingRow),
    };
  }

  #open(request: RequestOpening, attempt: AttemptOpening): void {
    const { requestId } = request;
    const { attemptId } = attempt;
    const isKnownRequest = this.#requests.has(requestId) || this.#requestClosings.has(requestId);
    if (!isKnownRequest) this.#requests.set(requestId, { request, closing: undefined });
    const isKnown = this.#attempts.has(attemptId) || this.#closings.has(attemptId);
    if (!isKnown) this.#attempts.set(attemptId, { request, attempt, closing: undefined });
  }

  #close(closing: AttemptClosing): void {
    const { attemptId } = closing;
    const work = this.#attempts.get(attemptId);
    if (work !== undefined) work.closing ??= closing;
    else if (!this.#closings.has(attemptId)) this.#closings.set(attemptId, closing);
  }

  #finish(request: RequestOpening | undefined, closing: StoredClosing): void {
    const { requestId } = closing;
    const work = this.#requests.get(requestId);
    if (work !== undefined) work.closing ??= closing;
    else if (request !== undefined) this.#requests.set(requestId, { request, closing });
    else if (!this.#requestClosings.has(requestId)) this.#requestClosings.set(requestId, closing);
  }
}
