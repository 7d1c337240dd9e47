import type { AttemptClosing, AttemptOpening, RequestClosing, RequestOpening } from "../model/attempt.ts";
import { nanoDollars } from "../model/money.ts";
import type { CallBodies } from "../model/recorded-body.ts";
import { NO_USAGE } from "../model/usage.ts";
import type { SealKey } from "./bodies/body-seal.ts";
import type { Journal } from "./journal.ts";
import { closeLine, finishLine, openLine, priceSheetLine } from "./journal-record.ts";
import type { Ledger, LedgerHealth, LedgerLag, StoredSheet } from "./ledger.ts";
import type { WriterThread } from "./writer-thread.ts";

/** How long the tables may be behind, where somebody waits for them. */
const CATCH_UP_MS = 5_000;
const LOOK_AGAIN_MS = 10;

/** The ledger over a journal and the thread that moves it into the store. */
export class JournalLedger implements Ledger {
  readonly #journal: Journal;
  readonly #writer: WriterThread;
  readonly #drainTimeoutMs: number;
  /** Sheets that this process has written. There are as many as prices that were called. */
  readonly #announced = new Set<string>();

  constructor(journal: Journal, writer: WriterThread, drainTimeoutMs: number) {
    this.#journal = journal;
    this.#writer = writer;
    this.#drainTimeoutMs = drainTimeoutMs;
  }

  open(request: RequestOpening, attempt: AttemptOpening): Promise<void> {
    return this.#journal.append(
      () => openLine(request, attempt),
      () => closeLine(neverSent(attempt)),
    );
  }

  close(closing: AttemptClosing, sheet?: StoredSheet): void {
    if (sheet !== undefined) this.#announce(sheet);
    this.#journal.appendSurely(() => closeLine(closing));
  }

  /** Rows name their sheet; what it says is written once, before the first of them. */
  #announce(sheet: StoredSheet): void {
    if (this.#announced.has(sheet.id)) return;
    if (this.#journal.appendSurely(() => priceSheetLine(sheet))) this.#announced.add(sheet.id);
  }

  finish(request: RequestOpening, closing: RequestClosing): void {
    const line = () => finishLine(request, closing);
    // Without an attempt there is no row that this ends; written all the same, refusals would outgrow every limit.
    if (closing.attempts === 0) this.#journal.appendIfRoom(line);
    else this.#journal.appendSurely(line);
  }

  keepBodies(bodies: CallBodies): void {
    this.#writer.keepBodies(bodies);
  }

  lag(): LedgerLag {
    return { bytes: this.#journal.unmovedBytes(), oldestMs: this.#journal.oldestUnmovedMs() };
  }

  health(): LedgerHealth {
    return {
      storeFailure: this.#writer.failure,
      journalFailure: this.#journal.failure,
      rejectedLines: this.#writer.rejectedLines,
      droppedRecords: this.#journal.droppedRecords,
      droppedBodies: this.#writer.droppedBodies,
    };
  }

  async caughtUp(): Promise<void> {
    const isMoved = this.#journal.mark();
    const untilMs = performance.now() + CATCH_UP_MS;
    while (!isMoved()) {
      if (performance.now() > untilMs) throw new Error("the store does not take in the journal");
      await Bun.sleep(LOOK_AGAIN_MS);
    }
  }

  sealBodiesWith(sealKey: SealKey): void {
    this.#writer.sealBodiesWith(sealKey);
  }

  async drain(limitMs = this.#drainTimeoutMs): Promise<void> {
    this.#journal.close();
    await this.#writer.stop(Math.min(limitMs, this.#drainTimeoutMs));
  }
}

/** The end of an attempt whose opening the disk could not confirm, so that no byte of it was sent. */
function neverSent(attempt: AttemptOpening): AttemptClosing {
  return {
    attemptId: attempt.attemptId,
    outcome: "blocked",
    errorCode: "journal_unavailable",
    usage: NO_USAGE,
    cost: nanoDollars(0),
    billed: nanoDollars(0),
    priceBookVersion: "",
    totalMs: 0,
    answerBytes: 0,
  };
}
