import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { openPriceBook } from "./price-book.ts";

/** The ledger and the prices that it charges by. */
export interface Books {
  readonly ledger: Ledger;
  readonly prices: PriceBook;
}

/** Opens both; whatever a killed process left open is ended first. */
export function openBooks(settings: Settings): Books {
  const prices = openPriceBook(settings);
  const { durability, journal_bytes: limitBytes } = settings.configuration.ledger;
  const ledger = openLedger({ dataFolder: settings.dataFolder, priceBook: prices, durability, limitBytes });
  return { ledger, prices };
}
