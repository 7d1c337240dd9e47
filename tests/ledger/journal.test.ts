import { afterEach, describe, expect, test } from "bun:test";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Journal, type JournalOptions } from "../../src/ledger/journal.ts";
import { type JournalDisk, operatingSystemDisk } from "../../src/ledger/journal-disk.ts";
import { JournalProgress } from "../../src/ledger/journal-progress.ts";
import { readChunk } from "../../src/ledger/journal-reader.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { START_MS, until } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

afterEach(removeTemporaryFolders);

interface Fixture {
  readonly journal: Journal;
  readonly folder: string;
  readonly progress: JournalProgress;
  readonly disk: FailingDisk;
  readonly clock: { nowMs: number };
}

/** The real disk, until it is told to fail; counts what it is asked. */
class FailingDisk implements JournalDisk {
  writes = 0;
  syncs = 0;
  writeFailure: Error | undefined;
  syncFailure: Error | undefined;
  /** Bytes that still fit; a write beyond them is cut short, then fails. */
  room = Number.POSITIVE_INFINITY;
  truncationFails = false;
  readonly open = operatingSystemDisk.open;
  readonly syncNow = operatingSystemDisk.syncNow;
  readonly syncFolder = operatingSystemDisk.syncFolder;
  readonly close = operatingSystemDisk.close;

  write(file: number, bytes: Uint8Array, offset: number): number {
    this.writes++;
    if (this.writeFailure !== undefined) throw this.writeFailure;
    if (this.room <= 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const part = bytes.subarray(0, Math.min(bytes.length, offset + this.room));
    const count = operatingSystemDisk.write(file, part, offset);
    this.room -= count;
    return count;
  }

  truncate(file: number, size: number): void {
    if (this.truncationFails) throw new Error("input/output error");
    operatingSystemDisk.truncate(file, size);
  }

  async sync(file: number): Promise<void> {
    this.syncs++;
    await operatingSystemDisk.sync(file);
    if (this.syncFailure !== undefined) throw this.syncFailure;
  }
}

function begin(changes: Partial<JournalOptions> = {}): Fixture {
  const folder = changes.folder ?? temporaryFolder();
  const progress = new JournalProgress();
  const disk = new FailingDisk();
  const clock = { nowMs: START_MS };
  const journal = new Journal({
    folder,
    firstSegment: 1,
    durability: "process",
    limitBytes: 1_000_000,
    segmentBytes: 1_000_000,
    progress,
    disk,
    now: () => clock.nowMs,
    ...changes,
  });
  return { journal, folder, progress, disk, clock };
}

function content(folder: string): string {
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
}

const noUndo = () => "";
const refusal = { code: "journal_unavailable" };
const full = () => Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

describe("one turn, one write", () => {
  test("many lines of a turn go out in one write, before their promises resolve", async () => {
    const { journal, folder, disk } = begin();
    const opened = Array.from({ length: 200 }, (_, index) => journal.append(`open ${index}\n`, noUndo));
    journal.appendSurely("end\n");
    expect(disk.writes).toBe(0);
    await opened[0];
    expect(disk.writes).toBe(1);
    expect(content(folder).split("\n")).toHaveLength(202);
    await Promise.all(opened);
    expect(disk.writes).toBe(1);
  });

  test("the next turn writes again, and a turn without lines does not", async () => {
    const { journal, disk } = begin();
    await journal.append("a\n", noUndo);
    await journal.append("b\n", noUndo);
    await new Promise(setImmediate);
    expect(disk.writes).toBe(2);
  });

  test("a write that takes only a part is carried on", async () => {
    const { journal, folder, disk } = begin();
    const write = disk.write.bind(disk);
    disk.write = (file, bytes, offset) =>
      write(file, bytes.subarray(0, Math.min(bytes.length, offset + 3)), offset);
    await journal.append("äöü€ and more\n", noUndo);
    expect(content(folder)).toBe("äöü€ and more\n");
    expect(disk.writes).toBeGreaterThan(3);
  });
});

describe("durability: disk", () => {
  test("resolves after a sync that calls share", async () => {
    const { journal, disk } = begin({ durability: "disk" });
    await Promise.all(Array.from({ length: 50 }, () => journal.append("open\n", noUndo)));
    expect(disk.syncs).toBe(1);
  });

  test("where the sync fails the calls are refused and their openings are undone", async () => {
    const { journal, folder, disk } = begin({ durability: "disk" });
    disk.syncFailure = new Error("input/output error");
    expect(journal.append("open\n", () => "undo\n")).rejects.toMatchObject(refusal);
    await until("the undoing is written", () => content(folder) === "open\nundo\n");
  });
});

describe("a disk that refuses", () => {
  test("refuses calls, keeps ends, and heals by itself", async () => {
    const { journal, folder, disk, clock } = begin();
    disk.writeFailure = full();
    journal.appendSurely("end 1\n");
    const error = await journal.append("open 1\n", noUndo).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject(refusal);
    expect(journal.failure).toContain("no space left");
    journal.appendSurely("end 2\n");
    expect(journal.append("open 2\n", noUndo)).rejects.toMatchObject(refusal);
    disk.writeFailure = undefined;
    await until("the ends are written", () => content(folder) === "end 1\nend 2\n");
    clock.nowMs += 1000;
    await journal.append("open 3\n", noUndo);
    expect(journal.failure).toBeUndefined();
    expect(content(folder)).toBe("end 1\nend 2\nopen 3\n");
  });

  test("a call that comes after a while finds out by itself whether the disk has healed", async () => {
    const { journal, folder, disk, clock } = begin();
    disk.writeFailure = full();
    await journal.append("open 1\n", noUndo).catch(() => {});
    const before = disk.writes;
    await journal.append("open 2\n", noUndo).catch(() => {});
    expect(disk.writes).toBe(before);
    disk.writeFailure = undefined;
    clock.nowMs += 300;
    await journal.append("open 3\n", noUndo);
    expect(content(folder)).toBe("open 3\n");
  });

  test("a write cut off in the middle leaves nothing behind, and nobody was to read it", async () => {
    const { journal, folder, progress, disk, clock } = begin();
    await journal.append("first\n", noUndo);
    disk.room = 8;
    expect(journal.append("second\nthird\n", noUndo)).rejects.toMatchObject(refusal);
    await new Promise(setImmediate);
    expect(content(folder)).toBe("first\n");
    disk.room = 100;
    clock.nowMs += 1000;
    await journal.append("fourth\n", noUndo);
    expect(content(folder)).toBe("first\nfourth\n");
    expect(progress.written).toEqual({ segment: 1, offset: 13 });
  });

  test("where even taking back fails, it is done before anything else is written", async () => {
    const { journal, folder, progress, disk, clock } = begin();
    disk.room = 4;
    disk.truncationFails = true;
    await journal.append("whole line\n", noUndo).catch(() => {});
    expect(content(folder)).toBe("whol");
    expect(progress.written.offset).toBe(0);
    disk.room = 100;
    clock.nowMs += 1000;
    expect(journal.append("refused\n", noUndo)).rejects.toMatchObject(refusal);
    await new Promise(setImmediate);
    disk.truncationFails = false;
    clock.nowMs += 1000;
    await journal.append("good\n", noUndo);
    expect(content(folder)).toBe("good\n");
  });
});

describe("bounds", () => {
  test("beyond the limit calls are refused, ends are not, and it goes on when the store has caught up", async () => {
    const { journal, folder, progress } = begin({ limitBytes: 30 });
    await journal.append(`${"x".repeat(39)}\n`, noUndo);
    const error = await journal.append("open\n", noUndo).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusal);
    journal.appendSurely("end\n");
    await new Promise(setImmediate);
    expect(content(folder)).toEndWith("x\nend\n");
    expect(journal.unmovedBytes()).toBe(44);
    progress.moved = { segment: 1, offset: 40 };
    await journal.append("open\n", noUndo);
    expect(journal.unmovedBytes()).toBe(9);
  });

  test("the age of the oldest unmoved line is told", async () => {
    const { journal, progress, clock } = begin();
    expect(journal.oldestUnmovedMs()).toBe(0);
    await journal.append("1234\n", noUndo);
    clock.nowMs += 5000;
    await journal.append("1234\n", noUndo);
    clock.nowMs += 2000;
    expect(journal.oldestUnmovedMs()).toBe(7000);
    progress.moved = { segment: 1, offset: 5 };
    expect(journal.oldestUnmovedMs()).toBe(2000);
    progress.moved = { segment: 1, offset: 10 };
    expect(journal.oldestUnmovedMs()).toBe(0);
  });

  test("a full segment is followed by the next", async () => {
    const { journal, folder, progress } = begin({ segmentBytes: 20 });
    for (let line = 0; line < 5; line++) await journal.append("123456789\n", noUndo);
    expect(readdirSync(folder).sort()).toEqual(["00000001.jsonl", "00000002.jsonl", "00000003.jsonl"]);
    expect(progress.written).toEqual({ segment: 3, offset: 10 });
    expect(journal.unmovedBytes()).toBe(50);
  });
});

describe("reading", () => {
  test("gives back every line, whatever the size of a chunk", () => {
    const text = fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", ""));
    fc.assert(
      fc.property(fc.array(fc.array(text)), fc.integer({ min: 1, max: 40 }), (segments, chunkBytes) => {
        const folder = temporaryFolder();
        segments.forEach((lines, index) => {
          writeFileSync(
            join(folder, `${String(index + 1).padStart(8, "0")}.jsonl`),
            lines.map((line) => `${line}\n`).join(""),
          );
        });
        const end = { segment: segments.length + 1, offset: 0 };
        const read: string[] = [];
        for (
          let chunk = readChunk(folder, { segment: 0, offset: 0 }, end, chunkBytes);
          chunk !== undefined;
        ) {
          read.push(...chunk.lines);
          chunk = readChunk(folder, chunk.next, end, chunkBytes);
        }
        expect(read).toEqual(segments.flat());
      }),
      { numRuns: 60 },
    );
  });

  test("a line that a killed process tore is told apart and passed over", () => {
    const folder = temporaryFolder();
    appendFileSync(join(folder, "00000001.jsonl"), "whole\nto");
    appendFileSync(join(folder, "00000002.jsonl"), "next\n");
    const end = { segment: 2, offset: 5 };
    const first = readChunk(folder, { segment: 1, offset: 0 }, end);
    expect(first).toMatchObject({ lines: ["whole"], tornLine: "to", next: { segment: 1, offset: 8 } });
    expect(readChunk(folder, { segment: 1, offset: 8 }, end)?.lines).toEqual(["next"]);
  });

  test("never reads beyond what is published", async () => {
    const folder = temporaryFolder();
    appendFileSync(join(folder, "00000001.jsonl"), "one\ntwo\n");
    expect(readChunk(folder, { segment: 1, offset: 0 }, { segment: 1, offset: 4 })?.lines).toEqual(["one"]);
    expect(readChunk(folder, { segment: 1, offset: 4 }, { segment: 1, offset: 4 })).toBeUndefined();
  });
});
