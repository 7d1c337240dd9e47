import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalPosition } from "../storage/batch.ts";

/** One line that could not become a row, and where it was. */
export interface RejectedLine {
  readonly place: JournalPosition;
  readonly reason: string;
  readonly line: string;
}

/** Keeps copies of lines in `rejected.jsonl`, for a person to look at. Throws what the operating system does. */
export function keepRejectedLines(folder: string, rejected: readonly RejectedLine[]): void {
  if (rejected.length === 0) return;
  const text = rejected
    .map(({ place, reason, line }) => `${JSON.stringify({ ...place, reason, line })}\n`)
    .join("");
  appendFileSync(join(folder, "rejected.jsonl"), text, { mode: 0o600 });
}
