import { existsSync } from "node:fs";
import type { Kysely } from "kysely";
import { createPriceBook, type PriceBook } from "../ledger/prices/price-book.ts";
import type { PriceOverride } from "../ledger/prices/price-override.ts";
import { targetName } from "../model/target-name.ts";
import type { Follower } from "../storage/change-watch.ts";
import { openSqlite, storePath } from "../storage/open-sqlite.ts";
import type { PriceOverrideRow, Tables } from "../storage/schema.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { openPriceBook } from "./price-book.ts";

/** Settings, and from when on they hold. */
interface Epoch {
  readonly startMs: number;
  readonly settings: Settings;
}

/** A call that began before may still run. */
const LONGEST_CALL_MS = 86_400_000;

/** A stretch of time in which the same prices hold, and the book of it, made when it is first asked for. */
interface Period {
  readonly startMs: number;
  readonly settings: Settings;
  readonly overrides: { readonly [model: string]: PriceOverride };
  book: PriceBook | undefined;
}

/**
 * The price book in force: the configuration's, with the stored prices over it as they hold at each moment. Follows
 * the store, so that a stored price counts without a restart; a call is charged by the prices of when it began.
 */
export class CurrentPriceBook implements PriceBook, Follower {
  readonly #store: Kysely<Tables>;
  #epochs: readonly Epoch[];
  readonly #onUnusable: (id: string) => void;
  #periods: readonly Period[] = [];
  #rows = "";
  #usable: readonly PriceOverrideRow[] = [];

  private constructor(store: Kysely<Tables>, settings: Settings, onUnusable: (id: string) => void) {
    this.#store = store;
    this.#epochs = [{ startMs: Number.NEGATIVE_INFINITY, settings }];
    this.#onUnusable = onUnusable;
  }

  /** Makes the book and loads the stored prices. `onUnusable` hears of one that this version can't reckon with. */
  static async open(
    store: Kysely<Tables>,
    settings: Settings,
    onUnusable: (id: string) => void,
  ): Promise<CurrentPriceBook> {
    const book = new CurrentPriceBook(store, settings, onUnusable);
    await book.refresh();
    return book;
  }

  get version(): string {
    return this.#at(Date.now()).version;
  }

  cost(...asked: Parameters<PriceBook["cost"]>): ReturnType<PriceBook["cost"]> {
    return this.#at(asked[3]).cost(...asked);
  }

  price(...asked: Parameters<PriceBook["price"]>): ReturnType<PriceBook["price"]> {
    return this.#at(asked[2]).price(...asked);
  }

  async refresh(): Promise<void> {
    const rows = await this.#store.selectFrom("price_overrides").selectAll().orderBy("id").execute();
    const text = JSON.stringify(rows);
    // Most changes are of keys: then the book keeps what it has remembered.
    if (text === this.#rows) return;
    const usable = rows.filter(isUsable);
    for (const { id } of rows) if (!usable.some((row) => row.id === id)) this.#onUnusable(id);
    this.#usable = usable;
    this.#periods = periodsOf(usable, this.#epochs);
    this.#rows = text;
  }

  /** Goes by other settings from now on; a call that has begun is still charged by those of its time. */
  use(settings: Settings): void {
    const nowMs = Date.now();
    const current = this.#epochs.at(-1);
    if (current !== undefined && pricesOf(current.settings) === pricesOf(settings)) return;
    const isOver = (_: Epoch, index: number) =>
      (this.#epochs[index + 1]?.startMs ?? nowMs) < nowMs - LONGEST_CALL_MS;
    const kept = this.#epochs.filter((epoch, index) => !isOver(epoch, index));
    this.#epochs = [...kept, { startMs: nowMs, settings }];
    this.#periods = periodsOf(this.#usable, this.#epochs);
  }

  #at(atMs: number): PriceBook {
    const period = this.#periods.findLast(({ startMs }) => startMs <= atMs);
    if (period === undefined) throw new Error("the price book has not been opened");
    period.book ??= this.#bookOf(period);
    return period.book;
  }

  #bookOf({ settings, overrides }: Period): PriceBook {
    return openPriceBook(withPrices(settings, overrides));
  }
}

/** What of the settings makes the price book. */
function pricesOf({ configuration, providers }: Settings): string {
  return JSON.stringify([configuration.prices, providers.map(({ id, builtIn }) => [id, builtIn?.id])]);
}

/** The settings with the stored prices of a data folder over their own, as they hold at a moment. */
export async function withStoredPrices(
  settings: Settings,
  dataFolder: string,
  atMs: number,
): Promise<Settings> {
  if (!existsSync(storePath(dataFolder))) return settings;
  const store = await openSqlite(dataFolder);
  try {
    const rows = await store.selectFrom("price_overrides").selectAll().orderBy("id").execute();
    return withPrices(settings, overridesAt(rows.filter(isUsable), atMs));
  } finally {
    await store.destroy();
  }
}

/** What is stored was judged by the configuration's own schema when it was. */
function withPrices(settings: Settings, overrides: Period["overrides"]): Settings {
  const { configuration } = settings;
  const prices = { ...configuration.prices, ...overrides } as typeof configuration.prices;
  return { ...settings, configuration: { ...configuration, prices } };
}

/** A price that a newer version stored must not end the calls of an older one: it is left out. */
function isUsable({ price }: PriceOverrideRow): boolean {
  try {
    createPriceBook({ priceDataIds: new Map(), overrides: new Map([["any/model", JSON.parse(price)]]) });
    return true;
  } catch {
    return false;
  }
}

/** Every moment at which a stored price begins or ends, or other settings come into force, starts a period. */
function periodsOf(rows: readonly PriceOverrideRow[], epochs: readonly Epoch[]): Period[] {
  const bounds = rows.flatMap(({ valid_from_ms: from, valid_until_ms: until }) =>
    [from ?? [], until ?? []].flat(),
  );
  const moments = [...bounds, ...epochs.map(({ startMs }) => startMs)].sort((one, other) =>
    one < other ? -1 : 1,
  );
  const starts = [...new Set([Number.NEGATIVE_INFINITY, ...moments])];
  return starts.flatMap((startMs) => {
    const settings = (epochs.findLast((epoch) => epoch.startMs <= startMs) ?? epochs[0])?.settings;
    if (settings === undefined) return [];
    return [{ startMs, settings, overrides: overridesAt(rows, startMs), book: undefined }];
  });
}

/** Of several that hold for a model, the one that begins latest counts; of equals the newest. */
function overridesAt(rows: readonly PriceOverrideRow[], atMs: number): Period["overrides"] {
  const holding = rows
    .filter(({ valid_from_ms: from }) => from === null || from <= atMs)
    .filter(({ valid_until_ms: until }) => until === null || until > atMs)
    .sort((one, other) => beginOf(one) - beginOf(other) || (one.id < other.id ? -1 : 1));
  return Object.fromEntries(
    holding.map(({ provider, model, price }) => [targetName(provider, model), JSON.parse(price)]),
  );
}

function beginOf({ valid_from_ms: from }: PriceOverrideRow): number {
  return from ?? Number.MIN_SAFE_INTEGER;
}
