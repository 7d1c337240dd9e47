import { type Kysely, sql } from "kysely";
import { MAX_END_USERS_A_DAY } from "../rollups/end-user-names.ts";
import { NumberPacker } from "../rollups/packed-numbers.ts";
import { OTHERS } from "../rollups/series-directory.ts";
import { dayOfHour, hourOf, type SeriesDelta, UsageDeltas } from "../rollups/usage-deltas.ts";
import { UsageMeasures } from "../rollups/usage-measures.ts";
import type { AttemptRow, RequestRow } from "../schema.ts";

const PAGE = 5_000;

/**
 * Counts the rows of the time before there were rollups, a day at a time, so that a large ledger needs little memory.
 * A part of the migration of that time: it writes the tables as they were then.
 */
export async function backfillRollups(store: Kysely<unknown>): Promise<void> {
  const rows = new RollupInserts(store);
  let deltas = new UsageDeltas();
  let day: number | undefined;
  for await (const row of endedAttempts(store)) {
    const rowDay = dayOfHour(hourOf(row.started_at_ms));
    if (day !== undefined && rowDay !== day) {
      await rows.insert(deltas);
      deltas = new UsageDeltas();
    }
    day = rowDay;
    deltas.addAttempt(row);
  }
  await rows.insert(deltas);
  // They name no provider, so no series of theirs is one of a call's.
  await rows.insert(await refusedRequests(store));
}

async function* endedAttempts(store: Kysely<unknown>): AsyncGenerator<AttemptRow> {
  let after: Pick<AttemptRow, "started_at_ms" | "id"> = { started_at_ms: Number.MIN_SAFE_INTEGER, id: "" };
  for (;;) {
    const { rows } = await sql<AttemptRow>`select * from attempts
      where (started_at_ms, id) > (${after.started_at_ms}, ${after.id}) and outcome is not null
      order by started_at_ms, id limit ${PAGE}`.execute(store);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last;
  }
}

async function refusedRequests(store: Kysely<unknown>): Promise<UsageDeltas> {
  const deltas = new UsageDeltas();
  for (let after = ""; ; ) {
    const { rows } = await sql<RequestRow>`select * from requests
      where id > ${after} and attempts = 0 and outcome is not null order by id limit ${PAGE}`.execute(store);
    for (const row of rows) deltas.addRequestAlone(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return deltas;
    after = last.id;
  }
}

/** Inserts what whole days of some series come to. */
class RollupInserts {
  readonly #store: Kysely<unknown>;
  readonly #packer = new NumberPacker();

  constructor(store: Kysely<unknown>) {
    this.#store = store;
  }

  async insert(deltas: UsageDeltas): Promise<void> {
    const namesOf = new Map<string, Set<string>>();
    for (const delta of deltas.series) {
      const series = await this.#seriesOf(delta);
      for (const [hour, measures] of delta.hours)
        await this.#insert("usage_hours", { hour, series }, measures);
      for (const [day, measures] of daysOf(delta))
        await this.#insert("usage_days", { day, series }, measures);
      await this.#insertEndUsers(delta, series, namesOf);
    }
  }

  async #seriesOf({ dimensions }: SeriesDelta): Promise<number> {
    const names = Object.keys(dimensions).map((name) => sql.id(name));
    const values = Object.values(dimensions);
    await sql`insert into usage_series (${sql.join(names)}) values (${sql.join(values)}) on conflict do nothing`.execute(
      this.#store,
    );
    const where = sql.join(
      names.map((name, index) => sql`${name} = ${values[index]}`),
      sql` and `,
    );
    const { rows } = await sql<{ id: number }>`select id from usage_series where ${where}`.execute(
      this.#store,
    );
    if (rows[0] === undefined) throw new Error("the store gave no id to a series");
    return rows[0].id;
  }

  async #insertEndUsers(
    { dimensions: { project }, endUsers }: SeriesDelta,
    series: number,
    namesOf: Map<string, Set<string>>,
  ): Promise<void> {
    for (const [day, ofDay] of endUsers) {
      const place = `${day} ${project}`;
      const names = namesOf.get(place) ?? new Set<string>();
      namesOf.set(place, names);
      const others = new UsageMeasures();
      for (const [endUser, measures] of ofDay) {
        if (names.has(endUser) || names.size < MAX_END_USERS_A_DAY) {
          names.add(endUser);
          await this.#insert("usage_end_users", { project, day, end_user: endUser, series }, measures);
        } else others.merge(measures);
      }
      if (others.get("calls") + others.get("refused") > 0)
        await this.#insert("usage_end_users", { project, day, end_user: OTHERS, series }, others);
    }
  }

  async #insert(table: string, key: object, measures: UsageMeasures): Promise<void> {
    const row = {
      ...key,
      calls: measures.get("calls"),
      cost_nanodollars: measures.get("cost"),
      measures: measures.pack(this.#packer),
    };
    const names = Object.keys(row).map((name) => sql.id(name));
    await sql`insert into ${sql.table(table)} (${sql.join(names)}) values (${sql.join(Object.values(row))})`.execute(
      this.#store,
    );
  }
}

function daysOf({ hours }: SeriesDelta): Map<number, UsageMeasures> {
  const days = new Map<number, UsageMeasures>();
  for (const [hour, measures] of hours) {
    const day = dayOfHour(hour);
    const sums = days.get(day) ?? new UsageMeasures();
    sums.merge(measures);
    days.set(day, sums);
  }
  return days;
}
