import type { Kysely } from "kysely";
import type { SealKey } from "../ledger/bodies/body-seal.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import type { Tables } from "../storage/schema.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { CurrentPriceBook } from "./current-price-book.ts";

/** The ledger and the prices that it charges by. */
export interface Books {
  readonly ledger: Ledger;
  readonly prices: CurrentPriceBook;
}

/** Opens both; whatever a killed process left open is ended first. */
export async function openBooks(
  settings: Settings,
  store: Kysely<Tables>,
  sealKey: SealKey,
  onUnusablePrice: (id: string) => void,
): Promise<Books> {
  const prices = await CurrentPriceBook.open(store, settings, onUnusablePrice);
  const { durability, journal_bytes: limitBytes } = settings.configuration.ledger;
  const { dataFolder } = settings;
  const ledger = openLedger({ dataFolder, priceBook: prices, durability, limitBytes, sealKey });
  return { ledger, prices };
}
