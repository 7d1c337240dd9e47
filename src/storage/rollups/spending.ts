import { type Kysely, sql } from "kysely";
import { timeOfId } from "../row-ids.ts";
import type { Tables } from "../schema.ts";
import { attemptsSpending, spendingOfAttempts } from "./attempts-spending.ts";
import type { SpendingOrder, Spent } from "./spending-order.ts";
import { DAY_MS, HOUR_MS, hourOf } from "./usage-deltas.ts";

/** A stretch of whole hours since 1970, `[from, until)`. */
interface HourSpan {
  readonly from: number;
  readonly until: number;
}

/**
 * What a project, key or browser token has spent since a moment. Whole hours are taken from the rollups, so it does not
 * matter how many calls there were, nor whether their rows have been deleted since; the rows have what is asked for more
 * finely. Browser tokens have no rollups: their rows are few. Exact, but where rows were deleted: there the hour in which
 * `sinceMs` lies is counted whole, and hours are dated by their end.
 */
export function spendingSince(store: Kysely<Tables>, order: SpendingOrder): Promise<readonly Spent[]> {
  // In one transaction: rows that are deleted or counted between two reads would be in neither, or in both.
  return store.transaction().execute(async (snapshot) => {
    const sums = new SpendingSums(order);
    const hours = await rolledUpHours(snapshot, order);
    if (hours === undefined) {
      sums.addAll(await attemptsSpending(snapshot, order, order.sinceMs, Number.POSITIVE_INFINITY));
      return sums.all();
    }
    sums.addAll(await attemptsSpending(snapshot, order, order.sinceMs, hours.from * HOUR_MS));
    sums.addAll(await hoursSpending(snapshot, order, hours));
    for (const { startedAtMs, spent } of await spendingOfAttempts(snapshot, order, [...order.but()]))
      if (isWithin(hours, startedAtMs)) sums.add(endOfHour(hourOf(startedAtMs)), -spent);
    sums.addAll(await attemptsSpending(snapshot, order, hours.until * HOUR_MS, Number.POSITIVE_INFINITY));
    return sums.all();
  });
}

function isWithin({ from, until }: HourSpan, ms: number): boolean {
  return from * HOUR_MS <= ms && ms < until * HOUR_MS;
}

/** The last moment of an hour. */
function endOfHour(hour: number): number {
  return (hour + 1) * HOUR_MS - 1;
}

/** The hours that the rollups are asked for; undefined where the rows say it all. */
async function rolledUpHours(store: Kysely<Tables>, order: SpendingOrder): Promise<HourSpan | undefined> {
  const { scope, sinceMs, stretchMs } = order;
  if (scope === "token") return undefined;
  const throughMs = await deletedThroughMs(store, order);
  const isDeleted = throughMs !== undefined && throughMs >= sinceMs;
  const isByTheHour = stretchMs === undefined || stretchMs % HOUR_MS === 0;
  if (!isByTheHour && !isDeleted) return undefined;
  return {
    from: isDeleted ? hourOf(sinceMs) : Math.ceil(sinceMs / HOUR_MS),
    until: isByTheHour ? Number.POSITIVE_INFINITY : hourOf(throughMs ?? sinceMs) + 1,
  };
}

/** Up to when rows of the project may have been deleted, in milliseconds since 1970. */
async function deletedThroughMs(store: Kysely<Tables>, order: SpendingOrder): Promise<number | undefined> {
  const project = order.scope === "project" ? order.id : await projectOf(store, order.id);
  if (project === undefined) return undefined;
  const mark = await store
    .selectFrom("retention_marks")
    .select("through_id")
    .where("project", "=", project)
    .where("table_name", "=", "attempts")
    .executeTakeFirst();
  return mark === undefined ? undefined : timeOfId(mark.through_id);
}

async function projectOf(store: Kysely<Tables>, keyId: string): Promise<string | undefined> {
  const key = await store
    .selectFrom("virtual_keys")
    .select("project")
    .where("id", "=", keyId)
    .executeTakeFirst();
  return key?.project;
}

const HOURS_OF_DAY = DAY_MS / HOUR_MS;

/** Of the hours that make whole days the days are read where one sum is asked for: they are fewer. */
async function hoursSpending(
  store: Kysely<Tables>,
  order: SpendingOrder,
  { from, until }: HourSpan,
): Promise<readonly Spent[]> {
  const column = order.scope === "key" ? "usage_series.key_id" : "usage_series.project";
  const firstDay = order.stretchMs === undefined ? Math.ceil(from / HOURS_OF_DAY) : Number.POSITIVE_INFINITY;
  const untilHour = Math.min(until, firstDay * HOURS_OF_DAY);
  const sum = sql<string>`cast(sum(cost_nanodollars) as text)`.as("spent");
  const hours = await store
    .selectFrom("usage_hours")
    .innerJoin("usage_series", "usage_series.id", "usage_hours.series")
    .select(["hour", sum])
    .where(column, "=", order.id)
    .where("hour", ">=", from)
    .where("hour", "<", Math.min(untilHour, Number.MAX_SAFE_INTEGER))
    .groupBy("hour")
    .execute();
  const ofHours = hours.map(({ hour, spent }) => ({ atMs: endOfHour(hour), spent: BigInt(spent) }));
  if (firstDay === Number.POSITIVE_INFINITY) return ofHours;
  const days = await store
    .selectFrom("usage_days")
    .innerJoin("usage_series", "usage_series.id", "usage_days.series")
    .select(["day", sum])
    .where(column, "=", order.id)
    .where("day", ">=", firstDay)
    .groupBy("day")
    .execute();
  return [...ofHours, ...days.map(({ day, spent }) => ({ atMs: day * DAY_MS, spent: BigInt(spent) }))];
}

/** Adds amounts up by the order's stretches. */
class SpendingSums {
  readonly #sums = new Map<number, bigint>();
  readonly #order: SpendingOrder;

  constructor(order: SpendingOrder) {
    this.#order = order;
  }

  addAll(amounts: readonly Spent[]): void {
    for (const { atMs, spent } of amounts) this.add(atMs, spent);
  }

  add(atMs: number, spent: bigint): void {
    const place = this.#placeOf(atMs);
    this.#sums.set(place, (this.#sums.get(place) ?? 0n) + spent);
  }

  all(): readonly Spent[] {
    return [...this.#sums].map(([atMs, spent]) => ({ atMs, spent })).filter(({ spent }) => spent !== 0n);
  }

  #placeOf(atMs: number): number {
    const { stretchMs, sinceMs } = this.#order;
    return stretchMs === undefined ? sinceMs : Math.floor(atMs / stretchMs) * stretchMs;
  }
}
