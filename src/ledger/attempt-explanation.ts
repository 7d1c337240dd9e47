import { formatDollars, type NanoDollars, nanoDollars } from "../model/money.ts";
import type { AttemptRow } from "../storage/schema.ts";
import { type Bill, billOf } from "./prices/bill.ts";
import { applyMarkup, isMarkup } from "./prices/markup.ts";
import { type PriceSheet, readSheet } from "./prices/price-sheet.ts";
import { UNITS } from "./prices/units.ts";
import { usageOfRow } from "./usage-of-row.ts";

/** What one upstream call cost and why, as the ledger has it. */
export interface AttemptExplanation {
  readonly attemptId: string;
  readonly ordinal: number;
  readonly startedAtMs: number;
  readonly provider: string;
  readonly model: string;
  /** Undefined while the call goes on. */
  readonly outcome: string | undefined;
  /** `reported` or `estimated`. */
  readonly usageSource: string | undefined;
  /** In the provider's word. */
  readonly serviceTier: string | undefined;
  readonly priceBookVersion: string | undefined;
  /** The rates that were applied; undefined where the row names none. */
  readonly sheet: PriceSheet | undefined;
  /** The lines that the cost is made of; undefined where they are not known. */
  readonly bill: Bill | undefined;
  /** As the ledger has it; undefined where there is no price. */
  readonly cost: NanoDollars | undefined;
  readonly markup: string | undefined;
  readonly billed: NanoDollars | undefined;
  /** What must be known to read the sum: why there are no lines, or what they don't take in. */
  readonly notes: readonly string[];
}

/** Explains a row by the price sheet that it names. Pure; `sheetText` is the sheet as it is stored. */
export function explainAttempt(row: AttemptRow, sheetText: string | undefined): AttemptExplanation {
  const sheet = sheetText === undefined ? undefined : readSheet(sheetText);
  const bill = sheet && billOf(sheet, usageOfRow(row));
  const cost = moneyOf(row.cost_nanodollars);
  const billed = moneyOf(row.billed_nanodollars);
  return {
    attemptId: row.id,
    ordinal: row.ordinal,
    startedAtMs: row.started_at_ms,
    provider: row.provider,
    model: row.model,
    outcome: row.outcome ?? undefined,
    usageSource: row.usage_source ?? undefined,
    serviceTier: row.service_tier ?? undefined,
    priceBookVersion: row.price_book_version ?? undefined,
    sheet,
    bill,
    cost,
    markup: row.markup ?? undefined,
    billed,
    notes: [...costNotes(row, sheet, bill), ...(sheet?.incomplete ?? []), ...billedNotes(row, cost, billed)],
  };
}

function costNotes(row: AttemptRow, sheet: PriceSheet | undefined, bill: Bill | undefined): string[] {
  if (row.outcome === null) return ["the call has not ended yet"];
  if (row.cost_nanodollars === null) return ["the model, or something that was used, has no price"];
  if (row.price_sheet === null) {
    return row.cost_nanodollars === 0 ? [] : ["the rates of calls were not yet kept when this one was made"];
  }
  if (sheet === undefined || bill === undefined) return ["the rates that were applied can't be read"];
  const unpriced = bill.lines.filter(({ priced }) => priced === undefined);
  const differs = bill.cost !== row.cost_nanodollars;
  return [
    ...unpriced.map(
      ({ unit, count }) => `${UNITS[unit].label}: ${count}, without a price, hence not in the sum`,
    ),
    ...(differs ? [`the lines come to ${formatDollars(bill.cost)}, which is not what the ledger has`] : []),
  ];
}

function billedNotes(
  { markup }: AttemptRow,
  cost: NanoDollars | undefined,
  billed: NanoDollars | undefined,
): string[] {
  if (cost === undefined || billed === undefined) return [];
  if (markup !== null && !isMarkup(markup)) return [`the markup ${markup} can't be read and was not applied`];
  const expected = applyMarkup(cost, markup ?? undefined);
  return expected === billed ? [] : [`with the markup it would be ${formatDollars(expected)}`];
}

function moneyOf(stored: number | null): NanoDollars | undefined {
  return stored === null ? undefined : nanoDollars(stored);
}
