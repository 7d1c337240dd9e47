import type { AttemptClosing, AttemptOpening, RequestClosing, RequestOpening } from "../model/attempt.ts";
import type { CallBodies } from "../model/recorded-body.ts";
import type { SealKey } from "./bodies/body-seal.ts";

/** A price sheet as the ledger stores it: under a name that stands for this very text. */
export interface StoredSheet {
  readonly id: string;
  readonly text: string;
}

/**
 * The accounts of every call, as the gateway sees them. Used from one thread. What is written here outlives the
 * process; a store writer moves it into the tables a moment later.
 */
export interface Ledger {
  /**
   * Opens an attempt; call it before the first byte goes upstream and wait for it. Resolves once the kernel holds the
   * record, or with durability `disk` once the disk does. Rejects with `journal_unavailable`: then nothing was
   * opened and nothing is to be closed.
   */
  open(request: RequestOpening, attempt: AttemptOpening): Promise<void>;
  /**
   * Ends an attempt. Written at the end of this turn of the event loop; kept and retried while the disk refuses.
   * `sheet` is what its cost was worked out with, so that it can be explained when prices have changed.
   */
  close(closing: AttemptClosing, sheet?: StoredSheet): void;
  /** Ends a request, after its attempts. Written like `close`. */
  finish(request: RequestOpening, closing: RequestClosing): void;
  /**
   * Keeps a call's bodies for the request log. They go to the store writer at once, past the journal: a killed process
   * loses those of its last moments, and a store that is down for long loses more.
   */
  keepBodies(bodies: CallBodies): void;
  /** Bodies that are kept from now on are sealed under this. */
  sealBodiesWith(sealKey: SealKey): void;
  /** How far the tables are behind: bytes of journal, and the age of the oldest of them in milliseconds. */
  lag(): LedgerLag;
  /** Whether the tables can be written, and what was set aside. */
  health(): LedgerHealth;
  /** Resolves once everything written until now is in the tables. Rejects where the store does not take it in. */
  caughtUp(): Promise<void>;
  /**
   * Moves everything into the tables and stops. Gives up after so long, or while the store is down after a while: what
   * is left is in the journal, and the next start moves it.
   */
  drain(limitMs?: number): Promise<void>;
}

export interface LedgerLag {
  readonly bytes: number;
  readonly oldestMs: number;
}

export interface LedgerHealth {
  /** Undefined while the tables can be written, else why they can't. */
  readonly storeFailure: string | undefined;
  /** Undefined while the journal can be written, else why it can't. */
  readonly journalFailure: string | undefined;
  /** Journal lines that could not be understood; copies are in `journal/rejected.jsonl`, the older ones beside it. */
  readonly rejectedLines: number;
  /** Ends given up: the disk refused for too long, or they were of refused requests while the journal was full. */
  readonly droppedRecords: number;
  /** Calls whose bodies were given up, since the store took none in for too long. */
  readonly droppedBodies: number;
}
