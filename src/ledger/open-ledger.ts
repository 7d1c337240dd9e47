import type { Database } from "bun:sqlite";
import { mkdirSync, statSync } from "node:fs";
import { type JournalPosition, readJournalPosition } from "../storage/batch.ts";
import { openDatabase } from "../storage/open-database.ts";
import { storePath } from "../storage/open-sqlite.ts";
import { type Durability, Journal } from "./journal.ts";
import { type JournalDisk, operatingSystemDisk } from "./journal-disk.ts";
import { JournalLedger } from "./journal-ledger.ts";
import { JournalProgress } from "./journal-progress.ts";
import { journalFolder, listSegments, segmentPath } from "./journal-segments.ts";
import type { Ledger } from "./ledger.ts";
import type { PriceBook } from "./prices/price-book.ts";
import { findInterrupted, type Interrupted } from "./recovery.ts";
import { WriterThread } from "./writer-thread.ts";

export interface LedgerOptions {
  /** Locked by this process (`lockDataFolder`), its store up to date (`openSqlite`). */
  readonly dataFolder: string;
  /** What calls cost that a killed process left open. */
  readonly priceBook: PriceBook;
  /** Absent means `process`: a record counts as written once the kernel holds it. */
  readonly durability?: Durability;
  /** Bytes of journal not yet in the store beyond which calls are refused; absent means 1 GiB. */
  readonly limitBytes?: number;
  /** Bytes after which the next segment begins; absent means 64 MiB. */
  readonly segmentBytes?: number;
  /** How long `drain` waits for a store that is down, in milliseconds; absent means 10,000. */
  readonly drainTimeoutMs?: number;
  readonly disk?: JournalDisk;
  readonly now?: () => number;
}

/**
 * Opens the ledger of a data folder: ends what a killed process left open, then starts the store writer. Throws where
 * the store or the journal can't be used.
 */
export function openLedger(options: LedgerOptions): Ledger {
  const folder = journalFolder(options.dataFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = storePath(options.dataFolder);
  const { interrupted, moved, firstSegment } = inspect(path, folder, options);
  const progress = new JournalProgress();
  progress.moved = moved;
  const journal = new Journal({
    folder,
    firstSegment,
    progress,
    durability: options.durability ?? "process",
    limitBytes: options.limitBytes ?? 1024 ** 3,
    segmentBytes: options.segmentBytes ?? 64 * 1024 ** 2,
    disk: options.disk ?? operatingSystemDisk,
    now: options.now ?? Date.now,
  });
  const writer = new WriterThread(path, folder, progress);
  const ledger = new JournalLedger(journal, writer, options.drainTimeoutMs ?? 10_000);
  endInterrupted(ledger, interrupted);
  return ledger;
}

interface Inspection {
  readonly interrupted: Interrupted;
  readonly moved: JournalPosition;
  readonly firstSegment: number;
}

/** Each start begins a segment of its own, so the one that a killed process tore is left as it is. */
function inspect(path: string, folder: string, { priceBook }: LedgerOptions): Inspection {
  const store = openDatabase(path, { create: false, checkpoint: false });
  try {
    const moved = readJournalPosition(store) ?? { segment: 0, offset: 0 };
    const last = listSegments(folder).at(-1);
    const firstSegment = Math.max(last ?? 0, moved.segment) + 1;
    const end = { segment: firstSegment, offset: 0 };
    const lastAliveMs = lastWriteMs(store, folder, last);
    const interrupted = findInterrupted({ store, journalFolder: folder, moved, end, priceBook, lastAliveMs });
    return { interrupted, moved, firstSegment };
  } finally {
    store.close();
  }
}

/** The last sign of life of the process before: its last write to the journal, else the last start of an attempt. */
function lastWriteMs(store: Database, folder: string, lastSegment: number | undefined): number {
  if (lastSegment !== undefined) return Math.round(statSync(segmentPath(folder, lastSegment)).mtimeMs);
  const row = store
    .query<{ last: number }, []>("select started_at_ms as last from attempts order by id desc limit 1")
    .get();
  return row?.last ?? 0;
}

function endInterrupted(ledger: Ledger, { attempts, requests }: Interrupted): void {
  for (const { closing, sheet } of attempts) ledger.close(closing, sheet);
  for (const { request, closing } of requests) ledger.finish(request, closing);
}
