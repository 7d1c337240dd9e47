import type { Kysely } from "kysely";
import { timeOfId } from "../row-ids.ts";
import type { Tables } from "../schema.ts";
import { attemptsSpending, spendingOfAttempts } from "./attempts-spending.ts";
import { type HourSpan, type RollupOwner, rollupsSpending } from "./rollups-spending.ts";
import type { SpendingOrder, SpendingSum } from "./spending-order.ts";
import { HOUR_MS, hourOf } from "./usage-deltas.ts";

/**
 * What a project, key or browser token has spent since a moment. Whole hours are taken from the rollups, so it does not
 * matter how many calls there were, nor whether their rows have been deleted since; the rows have what is asked for more
 * finely. Browser tokens have no rollups: their rows are few. Exact, but where rows were deleted: there the hour in which
 * `sinceMs` lies is counted whole, and hours are dated by their end.
 */
export function spendingSince(store: Kysely<Tables>, order: SpendingOrder): Promise<readonly SpendingSum[]> {
  // In one transaction: rows that are deleted or counted between two reads would be in neither, or in both.
  return store.transaction().execute(async (snapshot) => {
    const sums = new SpendingSums(order);
    const owner = await rollupOwner(snapshot, order);
    const hours = owner === undefined ? undefined : await rolledUpHours(snapshot, order, owner);
    if (owner === undefined || hours === undefined) {
      sums.addAll(await attemptsSpending(snapshot, order, order.sinceMs, Number.POSITIVE_INFINITY));
      return sums.all();
    }
    sums.addAll(await attemptsSpending(snapshot, order, order.sinceMs, hours.from * HOUR_MS));
    sums.addAll(await rollupsSpending(snapshot, order, owner, hours));
    for (const { startedAtMs, spent } of await spendingOfAttempts(snapshot, order, [...order.leftOut()]))
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

/** Whose rollups have it; undefined for a browser token, and for a key that isn't known, hence was never used. */
async function rollupOwner(
  store: Kysely<Tables>,
  { scope, id }: SpendingOrder,
): Promise<RollupOwner | undefined> {
  switch (scope) {
    case "project":
      return { project: id };
    case "key": {
      const key = await store
        .selectFrom("virtual_keys")
        .select("project")
        .where("id", "=", id)
        .executeTakeFirst();
      return key && { project: key.project, keyId: id };
    }
    case "token":
      return undefined;
  }
}

/** The hours that the rollups are asked for; undefined where the rows say it all. */
async function rolledUpHours(
  store: Kysely<Tables>,
  { sinceMs, stretchMs }: SpendingOrder,
  { project }: RollupOwner,
): Promise<HourSpan | undefined> {
  const throughMs = await deletedThroughMs(store, project);
  const isDeleted = throughMs !== undefined && throughMs >= sinceMs;
  const isByTheHour = stretchMs === undefined || stretchMs % HOUR_MS === 0;
  if (!isByTheHour && !isDeleted) return undefined;
  return {
    from: isDeleted ? hourOf(sinceMs) : Math.ceil(sinceMs / HOUR_MS),
    until: isByTheHour ? Number.POSITIVE_INFINITY : hourOf(throughMs ?? sinceMs) + 1,
  };
}

/** Up to when rows of the project may have been deleted, in milliseconds since 1970. */
async function deletedThroughMs(store: Kysely<Tables>, project: string): Promise<number | undefined> {
  const mark = await store
    .selectFrom("retention_marks")
    .select("through_id")
    .where("project", "=", project)
    .where("table_name", "=", "attempts")
    .executeTakeFirst();
  return mark === undefined ? undefined : timeOfId(mark.through_id);
}

/** Adds amounts up by the order's stretches. */
class SpendingSums {
  readonly #sums = new Map<number, bigint>();
  readonly #order: SpendingOrder;

  constructor(order: SpendingOrder) {
    this.#order = order;
  }

  addAll(amounts: readonly SpendingSum[]): void {
    for (const { atMs, spent } of amounts) this.add(atMs, spent);
  }

  add(atMs: number, spent: bigint): void {
    const place = this.#placeOf(atMs);
    this.#sums.set(place, (this.#sums.get(place) ?? 0n) + spent);
  }

  all(): readonly SpendingSum[] {
    return [...this.#sums].map(([atMs, spent]) => ({ atMs, spent })).filter(({ spent }) => spent !== 0n);
  }

  #placeOf(atMs: number): number {
    const { stretchMs, sinceMs } = this.#order;
    return stretchMs === undefined ? sinceMs : Math.floor(atMs / stretchMs) * stretchMs;
  }
}
