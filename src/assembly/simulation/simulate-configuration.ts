import { existsSync } from "node:fs";
import type { Kysely } from "kysely";
import { recordedCalls } from "../../ledger/requests/recorded-calls.ts";
import { KeyDirectory, type KnownCaller } from "../../policy/identity/key-directory.ts";
import { openDatabase } from "../../storage/open-database.ts";
import { openSqlite, storePath } from "../../storage/open-sqlite.ts";
import type { Tables } from "../../storage/schema.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { processSnapshot } from "../configuration/process-settings.ts";
import { CurrentPriceBook } from "../current-price-book.ts";
import { Comparison } from "./comparison.ts";
import { replay } from "./replay.ts";
import { World } from "./world.ts";

export type { Comparison, Refusals, TargetTraffic } from "./comparison.ts";

/** Which calls are replayed. Milliseconds since 1970; the end is not included. */
export interface SimulationOrder {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Only its calls are counted; the others are replayed beside them, since they share the targets. */
  readonly project?: string;
}

/** Calls before the beginning are replayed and not counted: so long may a target's cache have kept what they said. */
const LEARN_BEFORE_MS = 3_600_000;

/**
 * What a configuration would have made of the calls of a data folder. Undefined where nothing was ever stored. Asks no
 * provider and writes nothing, except that a store which an older version made is brought up to date by opening it.
 */
export async function simulateConfiguration(
  dataFolder: string,
  settings: Settings,
  { sinceMs, untilMs, project }: SimulationOrder,
): Promise<Comparison | undefined> {
  if (!existsSync(storePath(dataFolder))) return undefined;
  const store = await openSqlite(dataFolder);
  const database = openDatabase(storePath(dataFolder), { create: false, checkpoint: false });
  try {
    const prices = await CurrentPriceBook.open(store, settings, () => {});
    const world = new World({
      snapshot: processSnapshot(settings),
      prices,
      callerOf: await callersOf(store),
    });
    const comparison = new Comparison({ sinceMs, project });
    replay(world, recordedCalls(database, { sinceMs: sinceMs - LEARN_BEFORE_MS, untilMs }), comparison);
    return comparison;
  } finally {
    database.close();
    await store.destroy();
  }
}

/** Keys as they stand now, revoked ones among them: they have called. */
async function callersOf(store: Kysely<Tables>): Promise<(keyId: string) => KnownCaller | undefined> {
  const keys = await KeyDirectory.open(store);
  const known = new Map<string, KnownCaller | undefined>();
  return (keyId) => {
    if (!known.has(keyId)) {
      const [digest] = keys.digestsOfKey(keyId);
      known.set(keyId, digest === undefined ? undefined : keys.standing(digest)?.identity);
    }
    return known.get(keyId);
  };
}
