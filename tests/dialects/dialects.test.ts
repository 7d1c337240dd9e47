import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dialects } from "../../src/dialects/index.ts";

/** Parts that dialects share; no dialects themselves. */
const SHARED_FOLDERS = ["failure", "json", "media", "stream", "translation"];

test("every dialect's folder is listed, under its own id, frozen", () => {
  const folders = readdirSync(join(import.meta.dir, "../../src/dialects"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SHARED_FOLDERS.includes(entry.name))
    .map((entry) => entry.name);
  expect([...dialects.keys()].map(String).sort()).toEqual(folders.sort());
  for (const [id, dialect] of dialects) {
    expect(dialect.id).toBe(id);
    expect(Object.isFrozen(dialect)).toBe(true);
  }
});
