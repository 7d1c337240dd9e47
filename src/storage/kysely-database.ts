import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** A bun:sqlite database in the shape that Kysely's SqliteDialect asks for, which is better-sqlite3's. */
export function kyselyDatabase(database: Database): SqliteDatabase {
  return { close: () => database.close(), prepare: (sql) => kyselyStatement(database, sql) };
}

function kyselyStatement(database: Database, sql: string): SqliteStatement {
  const statement = database.prepare<unknown, SQLQueryBindings[]>(sql);
  return {
    reader: statement.columnNames.length > 0,
    all: (parameters) => statement.all(...parameters.map(binding)),
    run: (parameters) => statement.run(...parameters.map(binding)),
    iterate: (parameters) => statement.iterate(...parameters.map(binding)),
  };
}

/** A value that SQLite can hold. Throws on one that it can't, as better-sqlite3 does. */
function binding(value: unknown): SQLQueryBindings {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite can't hold a ${typeof value}`);
}
