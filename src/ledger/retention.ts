import type { Database } from "bun:sqlite";
import { DAY_MS } from "../storage/rollups/usage-deltas.ts";
import { idFrom, type RowIdPrefix } from "../storage/row-ids.ts";

/** Rows looked at in one transaction: it holds up the store writer for some milliseconds at most. */
const STRETCH_ROWS = 1_000;
const STRETCH_BODIES = 50;

interface AgingProject {
  readonly name: string;
  readonly retention_days: number;
}

interface Aging extends AgingProject {
  readonly table: "requests" | "attempts";
  readonly prefix: RowIdPrefix;
}

/**
 * Deletes what is older than its project keeps: requests and attempts by whole days of UTC, recorded bodies when their
 * time is over. Rollups stay. Works on the store writer's connection, between its batches.
 */
export class Retention {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Deletes a stretch. Whether there may be more to delete now. Throws SQLiteError. */
  step(nowMs: number): boolean {
    if (this.#deleteBodies(nowMs)) return true;
    for (const aging of this.#agingTables()) if (this.#deleteRows(aging, nowMs)) return true;
    return false;
  }

  #agingTables(): Aging[] {
    const projects = this.#database.query<AgingProject, []>(
      "select name, retention_days from projects where retention_days is not null",
    );
    return projects.all().flatMap((project): Aging[] => [
      { ...project, table: "requests", prefix: "req_" },
      { ...project, table: "attempts", prefix: "att_" },
    ]);
  }

  #deleteBodies(nowMs: number): boolean {
    const { changes } = this.#database
      .query<unknown, [number, number]>(
        `delete from recorded_bodies where rowid in
           (select rowid from recorded_bodies where expires_at_ms <= ? limit ?)`,
      )
      .run(nowMs, STRETCH_BODIES);
    return changes > 0;
  }

  /** Rows of all projects stand in the order of time, so how far they were looked at is kept for each project. */
  #deleteRows({ name, retention_days, table, prefix }: Aging, nowMs: number): boolean {
    const endDay = Math.floor(nowMs / DAY_MS) - retention_days;
    const from = this.#mark(name, table);
    const to = this.#stretchEnd(table, from, idFrom(prefix, endDay * DAY_MS));
    if (to === undefined) return false;
    this.#database.transaction(() => {
      if (table === "requests") this.#deleteBodiesOf(name, from, to);
      this.#database
        .query<unknown, [string, string, string]>(
          `delete from ${table} where id > ? and id <= ? and project = ? and outcome is not null`,
        )
        .run(from, to, name);
      this.#setMark(name, table, to);
    })();
    return true;
  }

  #stretchEnd(table: string, from: string, before: string): string | undefined {
    const ids = this.#database.query<{ last: string | null }, [string, string, number]>(
      `select max(id) as last from (select id from ${table} where id > ? and id < ? order by id limit ?)`,
    );
    return ids.get(from, before, STRETCH_ROWS)?.last ?? undefined;
  }

  #deleteBodiesOf(project: string, from: string, to: string): void {
    this.#database
      .query<unknown, [string, string, string]>(
        "delete from recorded_bodies where request_id > ? and request_id <= ? and project = ?",
      )
      .run(from, to, project);
  }

  #mark(project: string, table: string): string {
    const marks = this.#database.query<{ through_id: string }, [string, string]>(
      "select through_id from retention_marks where project = ? and table_name = ?",
    );
    return marks.get(project, table)?.through_id ?? "";
  }

  #setMark(project: string, table: string, throughId: string): void {
    this.#database
      .query<unknown, [string, string, string]>(
        `insert into retention_marks (project, table_name, through_id) values (?, ?, ?)
         on conflict (project, table_name) do update set through_id = excluded.through_id`,
      )
      .run(project, table, throughId);
  }
}
