import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type JournalRecord, parseLine } from "../../src/ledger/journal-record.ts";

/** The journal of a gateway's data folder, as another process finds it. */
export function journalOf(dataFolder: string): string {
  return join(dataFolder, "data", "journal");
}

/** All whole records in the journal's files, in order. */
export function readJournal(dataFolder: string): readonly JournalRecord[] {
  return journalLines(dataFolder).flatMap((line) => parseLine(line) ?? []);
}

/** The lines alone, which costs a watcher less than reading them. */
export function journalLines(dataFolder: string): readonly string[] {
  const folder = journalOf(dataFolder);
  const segments = readdirSync(folder).filter((name) => /^\d+\.jsonl$/.test(name));
  return segments.sort().flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1));
}
