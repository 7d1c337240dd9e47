import { afterEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { keepRejectedLines, type RejectedLine } from "../../src/ledger/rejected-lines.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

/** What is kept of journal lines that could not become rows. */

afterEach(removeTemporaryFolders);

function rejected(offset: number): RejectedLine {
  return { place: { segment: 1, offset }, reason: "not a journal record", line: "x".repeat(100) };
}

function keptOffsets(folder: string, name: string): number[] {
  const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line).offset);
}

test("rejected lines are kept, the newest of them, in two files of a bounded size", () => {
  const folder = temporaryFolder();
  for (let offset = 0; offset < 200; offset++) keepRejectedLines(folder, [rejected(offset)], 2_000);
  expect(readdirSync(folder).sort()).toEqual(["rejected.jsonl", "rejected.older.jsonl"]);
  const kept = [...keptOffsets(folder, "rejected.older.jsonl"), ...keptOffsets(folder, "rejected.jsonl")];
  const first = kept[0] ?? 0;
  expect(kept).toEqual(Array.from({ length: 200 - first }, (_, place) => first + place));
  expect(kept.length).toBeGreaterThan(10);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).size).toBeLessThan(2_500);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
});
