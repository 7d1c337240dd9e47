import type { Database } from "bun:sqlite";
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { MIGRATIONS } from "./migrations/index.ts";
import type { Tables } from "./schema.ts";
import { StoreOfAnotherVersion } from "./store-of-another-version.ts";
import { StoreOfOlderGateway } from "./store-of-older-gateway.ts";

/**
 * Brings the tables up to date, all or nothing. `isServed` tells whether another process serves from them. Throws what the
 * failing migration threw, StoreOfAnotherVersion where a newer Gatehouse has already changed the tables, and
 * StoreOfOlderGateway where one is running that knows them only as they are.
 */
export async function migrate(
  database: Database,
  store: Kysely<Tables>,
  isServed: () => boolean = () => false,
): Promise<void> {
  if (isUpToDate(database)) return;
  // Kysely takes no lock between processes for SQLite. This one makes a second process wait, then find all done.
  database.run("begin immediate");
  try {
    refuseUnknown(database);
    const isOlder = appliedTo(database).size > 0 && !isUpToDate(database);
    if (isOlder && isServed()) throw new StoreOfOlderGateway();
    await runMigrations(store);
    database.run("commit");
  } catch (error) {
    database.run("rollback");
    throw error;
  }
}

function refuseUnknown(database: Database): void {
  const unknown = [...appliedTo(database)].filter((name) => !(name in MIGRATIONS));
  if (unknown.length > 0) throw new StoreOfAnotherVersion(unknown);
}

async function runMigrations(store: Kysely<Tables>): Promise<void> {
  // Each stands alone, so one that was written earlier and landed later can still be made up for.
  const migrator = new Migrator({
    db: store,
    provider: { getMigrations: async () => MIGRATIONS },
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Spares the usual start a write lock. */
function isUpToDate(database: Database): boolean {
  const applied = appliedTo(database);
  const known = Object.keys(MIGRATIONS);
  return applied.size === known.length && known.every((name) => applied.has(name));
}

function appliedTo(database: Database): ReadonlySet<string> {
  const table = database.query("select 1 from sqlite_schema where name = 'kysely_migration'").get();
  if (table === null) return new Set();
  const applied = database.query<{ name: string }, []>("select name from kysely_migration").all();
  return new Set(applied.map(({ name }) => name));
}
