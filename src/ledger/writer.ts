import { SQLiteError } from "bun:sqlite";
import type { CallBodies } from "../model/recorded-body.ts";
import type { JournalPosition } from "../storage/batch.ts";
import { applyRecords } from "./apply-records.ts";
import { BodyQueue } from "./bodies/body-queue.ts";
import type { SealKey } from "./bodies/body-seal.ts";
import type { JournalProgress } from "./journal-progress.ts";
import { type JournalChunk, readChunk, splitChunk } from "./journal-reader.ts";
import { type JournalRecord, parseLine } from "./journal-record.ts";
import { deleteSegmentsBefore } from "./journal-segments.ts";
import { keepRejectedLines, type RejectedLine } from "./rejected-lines.ts";
import { StoreConnection } from "./store-connection.ts";

export interface StoreWriterOptions {
  readonly storePath: string;
  readonly journalFolder: string;
  readonly progress: JournalProgress;
  /** Milliseconds since 1970; absent means the system's clock. */
  readonly now?: () => number;
  /** What recorded bodies are sealed under; absent means that there are none. */
  readonly sealKey?: SealKey;
  /** Told how many bytes of bodies have been written. */
  readonly bodiesKept?: (bytes: number) => void;
  /** Most bytes of journal in one transaction; absent means half a megabyte, about a thousand records. */
  readonly chunkBytes?: number;
}

/** What one step came to: rows moved, nothing to move, or a store that can't be written. */
export type StepResult =
  | { readonly kind: "moved"; readonly lines: number }
  | { readonly kind: "idle" }
  | { readonly kind: "down"; readonly reason: string };

const LOOK_FOR_OLD_ROWS_MS = 60_000;

/**
 * Moves the journal into the tables, a chunk a step, each chunk and the position it reaches in one transaction: killed
 * at any point it goes on where it was, and moving a chunk twice changes nothing. One at a time per store.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions;
  #connection: StoreConnection | undefined;
  #position: JournalPosition = { segment: 0, offset: 0 };
  #cleanedUpTo = 0;
  #rejectedLines = 0;
  readonly #bodies = new BodyQueue();
  #nothingOldAtMs = Number.NEGATIVE_INFINITY;
  #sealKey: SealKey | undefined;

  constructor(options: StoreWriterOptions) {
    this.#options = options;
    this.#sealKey = options.sealKey;
  }

  /** Lines that could not become rows since the start. */
  get rejectedLines(): number {
    return this.#rejectedLines;
  }

  /** Keeps bodies; the next step writes them. */
  keepBodies(bodies: CallBodies): void {
    this.#bodies.add(bodies);
  }

  /** Bodies that are written from now on are sealed under this. */
  sealBodiesWith(sealKey: SealKey): void {
    this.#sealKey = sealKey;
  }

  /** Does one step. Never throws: a failure is a result, and the next step tries again from the start. */
  step(): StepResult {
    try {
      const connection = this.#connect();
      const { journalFolder, progress, chunkBytes } = this.#options;
      const end = progress.written;
      const chunk = readChunk(journalFolder, this.#position, end, chunkBytes);
      if (chunk !== undefined) this.#move(connection, chunk);
      else if (this.#position.segment < end.segment) this.#passTo(end);
      this.#writeBodies(connection);
      this.#deleteMovedSegments(connection);
      if (this.#isCaughtUp(end)) this.#deleteOldRows(connection);
      return chunk === undefined ? { kind: "idle" } : { kind: "moved", lines: chunk.lines.length };
    } catch (error) {
      this.close();
      return { kind: "down", reason: String(error) };
    }
  }

  /** Lets go of the store. A later step takes it up again. */
  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #connect(): StoreConnection {
    this.#connection?.check();
    if (this.#connection !== undefined) return this.#connection;
    const connection = new StoreConnection(this.#options.storePath);
    this.#connection = connection;
    this.#reached(connection.position ?? { segment: 0, offset: 0 });
    return connection;
  }

  /** A chunk that the tables refuse because of what is in it is halved until the bad line stands alone. */
  #move(connection: StoreConnection, chunk: JournalChunk): void {
    try {
      this.#write(connection, chunk);
    } catch (error) {
      if (!isRefusedContent(error)) throw error;
      if (chunk.lines.length > 1) for (const half of splitChunk(chunk)) this.#move(connection, half);
      else this.#write(connection, { ...chunk, lines: [] }, String(error), chunk.lines[0]);
    }
  }

  #write(connection: StoreConnection, chunk: JournalChunk, reason?: string, line?: string): void {
    const { records, rejected } = parseChunk(chunk);
    if (reason !== undefined && line !== undefined) rejected.push({ place: chunk.start, reason, line });
    const orphans = connection.write(applyRecords(records), chunk.next);
    this.#reject([...rejected, ...describeOrphans(orphans, chunk)]);
    this.#reached(chunk.next);
  }

  #reject(rejected: readonly RejectedLine[]): void {
    this.#rejectedLines += rejected.length;
    keepRejectedLines(this.#options.journalFolder, rejected);
  }

  /** Everything before was read. A segment that has bytes would have been read too, were it there. */
  #passTo(end: JournalPosition): void {
    if (end.offset > 0) throw new Error(`journal segment ${end.segment} is missing`);
    this.#reached(end);
  }

  #reached(position: JournalPosition): void {
    this.#position = position;
    this.#options.progress.moved = position;
  }

  #writeBodies(connection: StoreConnection): void {
    const { bodiesKept } = this.#options;
    const sealKey = this.#sealKey;
    if (sealKey === undefined) return;
    const bytes = this.#bodies.flush((calls) => connection.writeBodies(sealKey, calls));
    if (bytes > 0) bodiesKept?.(bytes);
  }

  #isCaughtUp({ segment, offset }: JournalPosition): boolean {
    return this.#position.segment === segment && this.#position.offset === offset;
  }

  /** When all is moved, a stretch at a time; once all is deleted, a look now and then is enough. */
  #deleteOldRows(connection: StoreConnection): void {
    const nowMs = (this.#options.now ?? Date.now)();
    if (nowMs - this.#nothingOldAtMs < LOOK_FOR_OLD_ROWS_MS) return;
    if (!connection.deleteOld(nowMs)) this.#nothingOldAtMs = nowMs;
  }

  /** A commit waits for no disk, so a segment may go only once a checkpoint has put its rows there. */
  #deleteMovedSegments(connection: StoreConnection): void {
    const { segment } = this.#position;
    if (this.#cleanedUpTo === segment || !connection.checkpoint()) return;
    deleteSegmentsBefore(this.#options.journalFolder, segment);
    this.#cleanedUpTo = segment;
  }
}

function parseChunk(chunk: JournalChunk): { records: JournalRecord[]; rejected: RejectedLine[] } {
  const records: JournalRecord[] = [];
  const rejected: RejectedLine[] = [];
  chunk.lines.forEach((line, index) => {
    const record = parseLine(line);
    if (record !== undefined) records.push(record);
    else rejected.push({ place: placeOf(chunk, index), reason: "not a journal record", line });
  });
  if (chunk.tornLine !== undefined) {
    rejected.push({
      place: placeOf(chunk, chunk.lines.length),
      reason: "cut off in the middle",
      line: chunk.tornLine,
    });
  }
  return { records, rejected };
}

function describeOrphans(ids: readonly string[], chunk: JournalChunk): RejectedLine[] {
  return ids.map((id) => {
    const index = chunk.lines.findIndex((line) => line.includes(id));
    const line = chunk.lines[index] ?? "";
    return { place: placeOf(chunk, index), reason: "the end of what was never opened", line };
  });
}

function placeOf(chunk: JournalChunk, index: number): JournalPosition {
  const before = chunk.lines.slice(0, Math.max(index, 0));
  const bytes = before.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  return { segment: chunk.start.segment, offset: chunk.start.offset + bytes };
}

/** SQLite's result codes that blame the values: too big, constraint, datatype mismatch, range. */
const REFUSED_CONTENT = new Set([18, 19, 20, 25]);

function isRefusedContent(error: unknown): boolean {
  return error instanceof SQLiteError && REFUSED_CONTENT.has(error.errno & 0xff);
}
