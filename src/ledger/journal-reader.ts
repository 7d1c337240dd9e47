import { closeSync, openSync, readSync } from "node:fs";
import type { JournalPosition } from "../storage/batch.ts";
import { listSegments, segmentPath, segmentSize } from "./journal-segments.ts";

/** Whole lines that lie together in one segment. */
export interface JournalChunk {
  /** Without their newlines. */
  readonly lines: readonly string[];
  readonly start: JournalPosition;
  /** Where the next chunk begins. */
  readonly next: JournalPosition;
  /** The end of a segment that a killed process left in the middle of a line. */
  readonly tornLine?: string;
}

const CHUNK_BYTES = 2 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Reads lines from `position` on, up to about two megabytes and never past `end`. Undefined where there is nothing
 * more yet. Segments before `end`'s are complete; one that was deleted is passed over. Throws what the operating
 * system does.
 */
export function readChunk(
  folder: string,
  position: JournalPosition,
  end: JournalPosition,
  chunkBytes = CHUNK_BYTES,
): JournalChunk | undefined {
  for (let start: JournalPosition | undefined = position; start !== undefined; ) {
    const limit = readableBytes(folder, start.segment, end);
    if (start.offset < limit) return readLines(folder, start, limit, start.segment < end.segment, chunkBytes);
    start = nextSegment(folder, start.segment, end);
  }
  return undefined;
}

/** Cuts a chunk in two of about the same number of lines. */
export function splitChunk(chunk: JournalChunk): readonly [JournalChunk, JournalChunk] {
  const middle = Math.ceil(chunk.lines.length / 2);
  const first = chunk.lines.slice(0, middle);
  const bytes = first.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const border = { segment: chunk.start.segment, offset: chunk.start.offset + bytes };
  return [
    { lines: first, start: chunk.start, next: border },
    { ...chunk, lines: chunk.lines.slice(middle), start: border },
  ];
}

function readableBytes(folder: string, segment: number, end: JournalPosition): number {
  if (segment === end.segment) return end.offset;
  try {
    return segmentSize(folder, segment);
  } catch {
    return 0;
  }
}

function nextSegment(folder: string, after: number, end: JournalPosition): JournalPosition | undefined {
  const segment = listSegments(folder).find((number) => number > after && number <= end.segment);
  return segment === undefined ? undefined : { segment, offset: 0 };
}

function readLines(
  folder: string,
  start: JournalPosition,
  limit: number,
  isComplete: boolean,
  chunkBytes: number,
): JournalChunk {
  const available = limit - start.offset;
  // A line longer than a chunk makes the chunk grow until the line is whole.
  for (let size = Math.min(chunkBytes, available); ; size = Math.min(size * 4, available)) {
    const bytes = readBytes(segmentPath(folder, start.segment), start.offset, size);
    const length = bytes.lastIndexOf(NEWLINE) + 1;
    const isAll = size === available;
    if (length === 0 && !isAll) continue;
    const lines = length === 0 ? [] : bytes.toString("utf8", 0, length - 1).split("\n");
    if (length < bytes.length && isAll && isComplete) {
      const next = { segment: start.segment, offset: limit };
      return { lines, start, next, tornLine: bytes.toString("utf8", length) };
    }
    return { lines, start, next: { segment: start.segment, offset: start.offset + length } };
  }
}

function readBytes(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(file, bytes, filled, length - filled, offset + filled);
      if (count === 0) throw new Error(`${path} is shorter than it was`);
      filled += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
