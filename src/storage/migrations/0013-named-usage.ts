import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { NumberPacker } from "../rollups/packed-numbers.ts";
import { UsageMeasures } from "../rollups/usage-measures.ts";
import type { UsageEndUserRow } from "../schema.ts";

/** What the calls of all end users come to: with many of them it is long to be added up at each question. */
export const namedUsage: Migration = {
  async up(store) {
    await sql`create table usage_named_days (
      day integer not null,
      series integer not null,
      calls integer not null,
      cost_nanodollars integer not null,
      measures blob not null,
      primary key (day, series)
    ) strict, without rowid`.execute(store);
    await sql`create index usage_named_days_by_series on usage_named_days (series, day)`.execute(store);
    const days = new NamedDays(store);
    for await (const row of endUserRows(store)) await days.add(row);
    await days.insert();
  },
};

const PAGE = 5_000;

async function* endUserRows(store: Kysely<unknown>): AsyncGenerator<UsageEndUserRow> {
  let after = { project: "", day: Number.MIN_SAFE_INTEGER, end_user: "", series: 0 };
  for (;;) {
    const { rows } = await sql<UsageEndUserRow>`select * from usage_end_users
      where (project, day, end_user, series) > (${after.project}, ${after.day}, ${after.end_user}, ${after.series})
      order by project, day, end_user, series limit ${PAGE}`.execute(store);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last;
  }
}

/** Adds up the rows of one day of one project after the other. */
class NamedDays {
  readonly #store: Kysely<unknown>;
  readonly #packer = new NumberPacker();
  #day = Number.NaN;
  #project = "";
  #bySeries = new Map<number, UsageMeasures>();

  constructor(store: Kysely<unknown>) {
    this.#store = store;
  }

  async add({ project, day, series, calls, cost_nanodollars, measures }: UsageEndUserRow): Promise<void> {
    if (day !== this.#day || project !== this.#project) {
      await this.insert();
      this.#day = day;
      this.#project = project;
    }
    const sums = this.#bySeries.get(series) ?? new UsageMeasures();
    this.#bySeries.set(series, sums);
    sums.addStored(calls, cost_nanodollars, measures);
  }

  async insert(): Promise<void> {
    for (const [series, sums] of this.#bySeries)
      await sql`insert into usage_named_days (day, series, calls, cost_nanodollars, measures)
        values (${this.#day}, ${series}, ${sums.get("calls")}, ${sums.get("cost")}, ${sums.pack(this.#packer)})`.execute(
        this.#store,
      );
    this.#bySeries = new Map();
  }
}
