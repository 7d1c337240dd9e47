import type { Database } from "bun:sqlite";
import type { SeriesDimensions } from "./usage-deltas.ts";

/** What stands for the models, or end users, that are not told apart any more. */
export const OTHERS = "(others)";

/** Ids kept in memory. */
const MAX_KEPT = 20_000;

/**
 * New series that a project may begin in a day. Models are named by clients, so their number has no bound of its own:
 * what a project calls beyond this is counted under `OTHERS`.
 */
export const MAX_NEW_SERIES_A_DAY = 2_000;

const DIMENSIONS = [
  "project",
  "key_id",
  "tags",
  "provider",
  "model",
  "operation",
  "outcome",
  "error_class",
] as const satisfies readonly (keyof SeriesDimensions)[];

/** The ids of series; made where there is none. For the store writer's own transactions. */
export class SeriesDirectory {
  readonly #find;
  readonly #insert;
  readonly #ids = new Map<string, number>();
  /** By project, how many series were begun on a day. */
  readonly #begun = new Map<string, { day: number; count: number }>();

  constructor(database: Database) {
    const where = DIMENSIONS.map((name) => `${name} = ?`).join(" and ");
    const columns = DIMENSIONS.join(", ");
    this.#find = database.prepare<{ id: number }, string[]>(`select id from usage_series where ${where}`);
    this.#insert = database.prepare<{ id: number }, string[]>(
      `insert into usage_series (${columns}) values (${DIMENSIONS.map(() => "?").join(", ")}) returning id`,
    );
  }

  /** The id of a series that has calls on a day. */
  idOf(dimensions: SeriesDimensions, day: number): number {
    const values = DIMENSIONS.map((name) => dimensions[name]);
    const key = values.join("\0");
    const known = this.#ids.get(key) ?? this.#find.get(...values)?.id;
    if (known !== undefined) return this.#keep(key, known);
    if (dimensions.model !== OTHERS && !this.#mayBegin(dimensions.project, day))
      return this.idOf({ ...dimensions, model: OTHERS }, day);
    const made = this.#insert.get(...values);
    if (made === null) throw new Error("the store gave no id to a series");
    return this.#keep(key, made.id);
  }

  /** What was given since the last commit may not be there any more. */
  forget(): void {
    this.#ids.clear();
    this.#begun.clear();
  }

  close(): void {
    this.#find.finalize();
    this.#insert.finalize();
  }

  #keep(key: string, id: number): number {
    if (this.#ids.size >= MAX_KEPT) this.#ids.clear();
    this.#ids.set(key, id);
    return id;
  }

  #mayBegin(project: string, day: number): boolean {
    const begun = this.#begun.get(project);
    if (begun === undefined || begun.day < day) {
      this.#begun.set(project, { day, count: 1 });
      return true;
    }
    begun.count++;
    return begun.count <= MAX_NEW_SERIES_A_DAY;
  }
}
