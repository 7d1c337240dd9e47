import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { DataFolderInUse, lockDataFolder } from "../../src/storage/data-lock.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { openSqlite, openSqliteInMemory, storePath } from "../../src/storage/open-sqlite.ts";
import { StoreOfAnotherVersion } from "../../src/storage/store-of-another-version.ts";
import { StoreOfOlderGateway } from "../../src/storage/store-of-older-gateway.ts";
import { projectRow } from "../storage/rows.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

afterEach(removeTemporaryFolders);

/** What the migration 0003 adds to attempts. */
const NEW_COLUMNS = [
  "markup",
  "billed_tools",
  "service_tier",
  "price_sheet",
  "cached_input_audio_tokens",
  "cached_input_image_tokens",
  "input_video_tokens",
  "output_image_tokens",
  "output_video_tokens",
  "billed_nanodollars",
];

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("the store", () => {
  test("is made with all tables, for its owner's eyes only", async () => {
    const folder = join(temporaryFolder(), "data");
    const store = await openSqlite(folder);
    const tables = (await store.introspection.getTables()).map(({ name }) => name);
    expect(tables.sort()).toEqual([
      "admin_keys",
      "alerts",
      "attempts",
      "audit_log",
      "change_counter",
      "configuration_revisions",
      "journal_position",
      "price_overrides",
      "price_sheets",
      "projects",
      "provider_secrets",
      "recorded_bodies",
      "requests",
      "retention_marks",
      "usage_days",
      "usage_end_user_totals",
      "usage_end_users",
      "usage_hours",
      "usage_series",
      "virtual_keys",
    ]);
    expect([mode(folder), mode(storePath(folder)), mode(`${storePath(folder)}-wal`)]).toEqual([
      "700",
      "600",
      "600",
    ]);
    await store.destroy();
  });

  test("that another version changed is left as it is, and the refusal says what to do", async () => {
    const folder = temporaryFolder();
    await (await openSqlite(folder)).destroy();
    const database = openDatabase(storePath(folder), { create: false, checkpoint: false });
    database.run("insert into kysely_migration (name, timestamp) values ('0999-of-tomorrow', '2027')");
    const opening = openSqlite(folder);
    await expect(opening).rejects.toBeInstanceOf(StoreOfAnotherVersion);
    await expect(opening).rejects.toMatchObject({
      message: "The store was changed by another version of Gatehouse (0999-of-tomorrow).",
      mend: expect.stringContaining("Start the version that made it"),
    });
    database.run("delete from kysely_migration where name = '0999-of-tomorrow'");
    database.close();
    await (await openSqlite(folder)).destroy();
  });

  test("that an older gateway serves from is brought up to date by the next gateway, and by no command under it", async () => {
    const folder = temporaryFolder();
    await (await openSqlite(folder)).destroy();
    const database = openDatabase(storePath(folder), { create: false, checkpoint: false });
    database.run("delete from kysely_migration where name = '0014-shadow-index'");
    database.run("drop index attempts_shadows");
    const lock = lockDataFolder(folder);
    const opening = openSqlite(folder);
    await expect(opening).rejects.toBeInstanceOf(StoreOfOlderGateway);
    await expect(opening).rejects.toMatchObject({ mend: expect.stringContaining("Start this version") });
    const index = database.query("select name from sqlite_schema where name = 'attempts_shadows'");
    expect(index.all()).toEqual([]);
    await (await openSqlite(folder, lock)).destroy();
    expect(index.all()).toHaveLength(1);
    // Those of the gateway's own version go on.
    await (await openSqlite(folder)).destroy();
    lock.release();
    database.close();
  });

  test("rows older than markups are billed at their cost", async () => {
    const folder = temporaryFolder();
    await (await openSqlite(folder)).destroy();
    const database = openDatabase(storePath(folder), { create: false, checkpoint: false });
    database.run("delete from kysely_migration where name = '0003-applied-prices'");
    database.run("drop table price_sheets");
    for (const column of NEW_COLUMNS) database.run(`alter table attempts drop column ${column}`);
    database.run(
      `insert into attempts (id, request_id, ordinal, started_at_ms, provider, model, project, key_id, body_bytes,
         outcome, cost_nanodollars) values ('a', 'r', 1, 1, 'p', 'm', 'x', 'k', 1, 'ok', 44000)`,
    );
    database.close();
    const store = await openSqlite(folder);
    const row = await store.selectFrom("attempts").selectAll().executeTakeFirst();
    expect(row).toMatchObject({ billed_nanodollars: 44_000, markup: null, price_sheet: null });
    await store.destroy();
  });

  test("a file left readable by others is closed to them", async () => {
    const folder = temporaryFolder();
    await (await openSqlite(folder)).destroy();
    chmodSync(storePath(folder), 0o644);
    await (await openSqlite(folder)).destroy();
    expect(mode(storePath(folder))).toBe("600");
  });

  test("eight processes that start at once all find it ready", async () => {
    const folder = temporaryFolder();
    const script = `
      const { openSqlite } = await import(${JSON.stringify(join(import.meta.dir, "../../src/storage/open-sqlite.ts"))});
      const store = await openSqlite(${JSON.stringify(folder)});
      await store.selectFrom("attempts").selectAll().execute();
      await store.destroy();`;
    const children = Array.from({ length: 8 }, () =>
      Bun.spawn([process.execPath, "-e", script], { stdout: "ignore", stderr: "pipe" }),
    );
    const ends = await Promise.all(
      children.map(async (child) => ({
        code: await child.exited,
        said: await new Response(child.stderr).text(),
      })),
    );
    expect(ends).toEqual(ends.map(() => ({ code: 0, said: "" })));
  });

  test("a transaction and a query beside it don't mix", async () => {
    const store = await openSqliteInMemory();
    const gate = Promise.withResolvers<void>();
    const transaction = store.transaction().execute(async (inside) => {
      await inside.insertInto("projects").values(projectRow("shop")).execute();
      await gate.promise;
      throw new Error("no");
    });
    const beside = store.insertInto("projects").values(projectRow("lab")).execute();
    gate.resolve();
    expect(transaction).rejects.toThrow("no");
    await beside;
    expect(await store.selectFrom("projects").select("name").execute()).toEqual([{ name: "lab" }]);
    await store.destroy();
  });

  test("opening without making refuses where there is none", () => {
    const path = storePath(temporaryFolder());
    expect(() => openDatabase(path, { create: false, checkpoint: false })).toThrow();
  });
});

describe("the data folder's lock", () => {
  test("lets one in, and the next when it is given back", () => {
    const folder = temporaryFolder();
    const lock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(DataFolderInUse);
    lock.release();
    lockDataFolder(folder).release();
  });

  test("is freed by kill -9", async () => {
    const folder = temporaryFolder();
    const module = JSON.stringify(join(import.meta.dir, "../../src/storage/data-lock.ts"));
    const script = `
      const { lockDataFolder } = await import(${module});
      globalThis.lock = lockDataFolder(${JSON.stringify(folder)});
      console.log("locked");
      setInterval(() => {}, 1000);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
    await child.stdout.getReader().read();
    expect(() => lockDataFolder(folder)).toThrow(DataFolderInUse);
    child.kill("SIGKILL");
    await child.exited;
    lockDataFolder(folder).release();
  });
});
