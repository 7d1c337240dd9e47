import { GatewayError } from "../model/gateway-error.ts";
import type { JournalPosition } from "../storage/batch.ts";
import { JournalAge } from "./journal-age.ts";
import type { JournalDisk } from "./journal-disk.ts";
import { JournalFile } from "./journal-file.ts";
import type { JournalProgress } from "./journal-progress.ts";
import { positionToNumber, segmentPath } from "./journal-segments.ts";
import { LineBuffer } from "./line-buffer.ts";
import { SyncQueue } from "./sync-queue.ts";
import { UnmovedBytes } from "./unmoved-bytes.ts";

/** When a record counts as written: once the kernel holds it (survives the process), or once the disk does. */
export type Durability = "process" | "disk";

export interface JournalOptions {
  /** The folder of the segments; exists. */
  readonly folder: string;
  /** The number of the segment to begin; higher than any that exists. */
  readonly firstSegment: number;
  readonly durability: Durability;
  /** Bytes not yet in the tables beyond which nothing new is taken. */
  readonly limitBytes: number;
  /** A segment this long is followed by the next. */
  readonly segmentBytes: number;
  readonly progress: JournalProgress;
  readonly disk: JournalDisk;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** While the disk refuses, it is asked again this often. */
const RETRY_MS = 250;
/** Bytes of endings kept while the disk refuses: about 100,000 endings. */
const MAX_KEPT_ENDINGS = 64 * 1024 * 1024;

/**
 * A line with its newline, or what makes it when the turn is written. A turn's lines made one after the other cost half
 * of what each costs in the middle of its call: code and data are then in the processor's caches.
 */
export type JournalLine = string | (() => string);

interface Turn {
  readonly done: PromiseWithResolvers<void>;
  undo: string;
}

/** The append-only journal. All lines of one turn of the event loop go out in one write. Used from one thread. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #age = new JournalAge();
  readonly #unmoved: UnmovedBytes;
  readonly #syncs: SyncQueue | undefined;
  #segment: number;
  #file: JournalFile;
  /** The lines of this turn. */
  readonly #newOpenings: JournalLine[] = [];
  readonly #newEndings: JournalLine[] = [];
  /** What is dropped where it can't be written: its callers are told. */
  readonly #openings = new LineBuffer();
  /** What is kept until it is written. */
  readonly #endings = new LineBuffer();
  #turn: Turn | undefined;
  #isScheduled = false;
  #isClosed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failure: { readonly cause: unknown; readonly retryAtMs: number } | undefined;
  #droppedRecords = 0;

  /** Begins the first segment. Throws what the operating system does. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#unmoved = new UnmovedBytes(options.folder, options.progress);
    this.#segment = options.firstSegment;
    this.#file = this.#begin(options.firstSegment);
    this.#age.note(0, options.now());
    if (options.durability === "disk") this.#syncs = new SyncQueue();
    options.progress.written = { segment: options.firstSegment, offset: 0 };
  }

  /**
   * Appends a line; resolves when it counts as written. Rejects with `journal_unavailable`, and then the line is not
   * in the journal, or `undo` follows it there.
   */
  append(line: JournalLine, undo: () => string): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#newOpenings.push(line);
    this.#turn ??= { done: Promise.withResolvers(), undo: "" };
    if (this.#syncs !== undefined) this.#turn.undo += undo();
    this.#schedule();
    return this.#turn.done.promise;
  }

  /**
   * Appends a line that must get there whatever happens: kept and retried while the disk refuses. False where it is
   * given up, because the disk has refused for too long.
   */
  appendSurely(line: JournalLine): boolean {
    if (this.#failure !== undefined && this.#endings.length > MAX_KEPT_ENDINGS) {
      this.#droppedRecords++;
      return false;
    }
    this.#newEndings.push(line);
    if (this.#failure === undefined) this.#schedule();
    else this.#retryLater();
    return true;
  }

  /** Appends a line that nothing else depends on, unless so much waits already that nothing new is taken. */
  appendIfRoom(line: JournalLine): void {
    if (this.#isFull()) this.#droppedRecords++;
    else this.appendSurely(line);
  }

  /** Bytes that are not in the tables yet, what waits in memory included. */
  unmovedBytes(): number {
    return this.#unmoved.count() + this.#endings.length;
  }

  /** How long the oldest of them has been waiting, in milliseconds; 0 where there are none. */
  oldestUnmovedMs(): number {
    const { progress, now } = this.#options;
    const moved = positionToNumber(progress.moved);
    if (moved >= positionToNumber(progress.written)) return 0;
    return Math.max(0, now() - (this.#age.writtenAtMs(moved) ?? now()));
  }

  /** Writes what waits; gives a question that is true once all of it is in the tables. */
  mark(): () => boolean {
    this.flush();
    const { progress } = this.#options;
    const written = positionToNumber(progress.written);
    return () => positionToNumber(progress.moved) >= written;
  }

  get failure(): string | undefined {
    return this.#failure === undefined ? undefined : String(this.#failure.cause);
  }

  get droppedRecords(): number {
    return this.#droppedRecords;
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#isScheduled = false;
    const turn = this.#turn;
    this.#turn = undefined;
    takeLines(this.#newOpenings, this.#openings);
    takeLines(this.#newEndings, this.#endings);
    // Openings first: an attempt's end never stands before its beginning.
    this.#openings.addAll(this.#endings);
    const bytes = this.#openings.bytes();
    this.#openings.clear();
    if (bytes.byteLength === 0) return;
    const before = { segment: this.#segment, offset: this.#file.size };
    try {
      this.#file.append(bytes);
    } catch (cause) {
      this.#fail(cause);
      turn?.done.reject(unavailable(cause));
      return;
    }
    this.#endings.clear();
    this.#failure = undefined;
    this.#published(before);
    this.#confirm(turn);
    if (this.#file.size >= this.#options.segmentBytes) this.#rotate();
  }

  /** Writes what waits and takes nothing more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.flush();
    this.#file.close();
  }

  #refusal(): GatewayError | undefined {
    if (this.#isClosed) return unavailable("the journal is closed");
    if (this.#failure !== undefined && this.#options.now() < this.#failure.retryAtMs) {
      return unavailable(this.#failure.cause);
    }
    return this.#isFull() ? overLimit(this.#unmoved.atMost) : undefined;
  }

  #isFull(): boolean {
    const { limitBytes } = this.#options;
    return this.#unmoved.atMost > limitBytes && this.#unmoved.count() > limitBytes;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  #retryLater(): void {
    if (this.#retry !== undefined || this.#isClosed) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.flush();
    }, RETRY_MS);
  }

  #fail(cause: unknown): void {
    this.#failure = { cause, retryAtMs: this.#options.now() + RETRY_MS };
    if (this.#endings.length > 0) this.#retryLater();
  }

  #published(before: JournalPosition): void {
    const { progress, now } = this.#options;
    const size = this.#file.size;
    this.#unmoved.grow(this.#segment, size - before.offset);
    this.#age.note(positionToNumber(before), now());
    progress.written = { segment: this.#segment, offset: size };
  }

  #confirm(turn: Turn | undefined): void {
    if (turn === undefined) return;
    if (this.#syncs === undefined) {
      turn.done.resolve();
      return;
    }
    this.#syncs.add(
      () => this.#file.sync(),
      () => turn.done.resolve(),
      (cause) => {
        this.#fail(cause);
        this.appendSurely(turn.undo);
        turn.done.reject(unavailable(cause));
      },
    );
  }

  /** A disk that can't begin another file may still lengthen this one, so a failure here is left for the next time. */
  #rotate(): void {
    try {
      if (this.#syncs !== undefined) this.#file.syncNow();
      const next = this.#begin(this.#segment + 1);
      this.#file.close();
      this.#file = next;
      this.#segment++;
      this.#options.progress.written = { segment: this.#segment, offset: 0 };
    } catch (cause) {
      this.#failure = { cause, retryAtMs: this.#options.now() };
    }
  }

  #begin(segment: number): JournalFile {
    const { disk, folder, durability } = this.#options;
    const file = new JournalFile(disk, segmentPath(folder, segment));
    if (durability === "disk") disk.syncFolder(folder);
    return file;
  }
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError("journal_unavailable", { cause });
}

function overLimit(bytes: number): GatewayError {
  return new GatewayError("journal_unavailable", {
    cause: `${bytes} bytes of journal wait to be moved into the store, more than the limit`,
    mend: "The operator must mend the store; calls go on when it has caught up.",
  });
}

function takeLines(lines: JournalLine[], into: LineBuffer): void {
  for (const line of lines) into.add(typeof line === "string" ? line : line());
  lines.length = 0;
}
