import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { openBody, type SealKey, sealBody } from "../../src/ledger/bodies/body-seal.ts";
import { bodiesOf, readBody } from "../../src/ledger/bodies/body-table.ts";
import { JournalProgress } from "../../src/ledger/journal-progress.ts";
import { journalFolder } from "../../src/ledger/journal-segments.ts";
import { StoreWriter } from "../../src/ledger/writer.ts";
import type { CallBodies } from "../../src/model/recorded-body.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

afterEach(removeTemporaryFolders);

const KEY: SealKey = { id: "one", bytes: new Uint8Array(32).fill(1) };
const OTHER_KEY: SealKey = { id: "other", bytes: new Uint8Array(32).fill(2) };
const PLACE = { project: "shop", requestId: "req_1", part: "request" };

describe("a sealed body", () => {
  test("opens to itself, never twice to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (body) => {
        const sealed = sealBody(KEY, PLACE, body);
        expect(new Uint8Array(openBody(KEY, PLACE, sealed))).toEqual(body);
        expect(Buffer.compare(sealed, sealBody(KEY, PLACE, body))).not.toBe(0);
      }),
    );
  });

  test("does not open under another key, at another place, or with any byte changed", () => {
    const sealed = sealBody(KEY, PLACE, new TextEncoder().encode("a secret"));
    expect(() => openBody(OTHER_KEY, PLACE, sealed)).toThrow();
    for (const change of [{ project: "lab" }, { requestId: "req_2" }, { part: "answer" }])
      expect(() => openBody(KEY, { ...PLACE, ...change }, sealed)).toThrow();
    for (let index = 0; index < sealed.byteLength; index++) {
      const changed = sealed.slice();
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => openBody(KEY, PLACE, changed)).toThrow();
    }
    for (let length = 0; length < sealed.byteLength; length++)
      expect(() => openBody(KEY, PLACE, sealed.slice(0, length))).toThrow();
  });
});

function bodiesAt(number: number, expiresAtMs: number): CallBodies {
  const bytes = new TextEncoder().encode(`prompt ${number}`);
  const body = { part: "request" as const, contentType: "text/plain", bytes, totalBytes: bytes.byteLength };
  return { requestId: `req_${number}`, project: "shop", recordedAtMs: 0, expiresAtMs, bodies: [body] };
}

describe("the store writer", () => {
  test("writes bodies, waits with them while the store is down, and deletes them when their time is over", async () => {
    const folder = temporaryFolder();
    mkdirSync(journalFolder(folder), { recursive: true });
    let nowMs = 0;
    let kept = 0;
    const writer = new StoreWriter({
      storePath: storePath(folder),
      journalFolder: journalFolder(folder),
      progress: new JournalProgress(),
      now: () => nowMs,
      sealKey: KEY,
      bodiesKept: (bytes) => {
        kept += bytes;
      },
    });
    for (let number = 0; number < 120; number++) writer.keepBodies(bodiesAt(number, 1_000));
    writer.keepBodies(bodiesAt(500, 1_000_000));
    expect(writer.step().kind).toBe("down");
    expect(kept).toBe(0);
    await (await openSqlite(folder)).destroy();
    expect(writer.step().kind).toBe("idle");
    expect(kept).toBeGreaterThan(120 * "prompt 0".length);
    const store = new Database(storePath(folder));
    const stored = () => store.query("select count(*) as count from recorded_bodies").get();
    expect(stored()).toEqual({ count: 121 });
    const question = { requestId: "req_7", part: "request" } as const;
    const found = readBody(store, [OTHER_KEY, KEY], question, 999);
    expect(new TextDecoder().decode(found?.bytes)).toBe("prompt 7");
    expect(readBody(store, [OTHER_KEY], question, 999)).toMatchObject({ keyId: "one", bytes: undefined });
    // What has expired is shown no more, though it may not be deleted yet.
    expect(readBody(store, [KEY], question, 1_000)).toBeUndefined();
    expect(bodiesOf(store, "req_7", 1_000)).toEqual([]);
    nowMs = 100_000;
    for (let step = 0; step < 5; step++) expect(writer.step().kind).toBe("idle");
    expect(stored()).toEqual({ count: 1 });
    writer.close();
    store.close();
  });
});
