import { appendFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalPosition } from "../storage/batch.ts";

/** A file this long is followed by the next; of those before it one is kept. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** One line that could not become a row, and where it was. */
export interface RejectedLine {
  readonly place: JournalPosition;
  readonly reason: string;
  readonly line: string;
}

/**
 * Keeps copies of lines in `rejected.jsonl`, for a person to look at; those before them are in `rejected.older.jsonl`.
 * Throws what the operating system does.
 */
export function keepRejectedLines(
  folder: string,
  rejected: readonly RejectedLine[],
  maxFileBytes = MAX_FILE_BYTES,
): void {
  if (rejected.length === 0) return;
  const path = join(folder, "rejected.jsonl");
  if (sizeOf(path) >= maxFileBytes) renameSync(path, join(folder, "rejected.older.jsonl"));
  const text = rejected
    .map(({ place, reason, line }) => `${JSON.stringify({ ...place, reason, line })}\n`)
    .join("");
  appendFileSync(path, text, { mode: 0o600 });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
