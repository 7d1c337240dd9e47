import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalPosition } from "../storage/batch.ts";

/** Where the journal lies inside a data folder. */
export function journalFolder(dataFolder: string): string {
  return join(dataFolder, "journal");
}

/** The file of a segment: `00000007.jsonl`. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${segment.toString().padStart(8, "0")}.jsonl`);
}

/** The numbers of the segments that exist, ascending. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => (/^\d{8,}\.jsonl$/.test(name) ? [Number.parseInt(name, 10)] : []))
    .sort((left, right) => left - right);
}

/** The size of a segment in bytes. Throws where it does not exist. */
export function segmentSize(folder: string, segment: number): number {
  return statSync(segmentPath(folder, segment)).size;
}

/** Deletes the segments before a given one. */
export function deleteSegmentsBefore(folder: string, segment: number): void {
  for (const number of listSegments(folder)) if (number < segment) rmSync(segmentPath(folder, number));
}

const SEGMENT_SPAN = 2 ** 32;

/** A position as one number that sorts as positions do; exact for two million segments. */
export function positionToNumber(position: JournalPosition): number {
  return position.segment * SEGMENT_SPAN + position.offset;
}

/** The inverse of `positionToNumber`. */
export function positionFromNumber(value: number): JournalPosition {
  return { segment: Math.floor(value / SEGMENT_SPAN), offset: value % SEGMENT_SPAN };
}
