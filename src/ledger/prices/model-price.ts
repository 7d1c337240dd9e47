import { bandStarts, type Price, ratesAbove } from "./price.ts";
import { makeSheet, type PriceSheet, type PriceSource } from "./price-sheet.ts";
import { type PriceTerms, pricedTier, type TierPrice, type TierPrices } from "./service-tier.ts";

/** The sheet of requests that have more input tokens than `above`, up to the next band. */
export interface Band {
  readonly above: number;
  readonly sheet: PriceSheet;
}

/** What a model costs at a moment and on some terms: what a cost is worked out with, and an estimate. */
export interface ModelPrice {
  readonly source: PriceSource;
  /** For requests of every size, by rising size; the first begins below zero. */
  readonly bands: readonly Band[];
}

/** What is said of a model's price for one time. */
export interface Statement {
  readonly source: PriceSource;
  readonly price: Price;
  readonly tiers: TierPrices;
  /** What the price data bills for and nobody counts here. */
  readonly uncounted: readonly string[];
}

/** A model's price on all terms, each worked out when it is first asked for. */
export class PriceOnTerms {
  readonly #statement: Statement;
  readonly #usual: ModelPrice;
  readonly #byTier = new Map<string, ModelPrice>();
  #unstated: ModelPrice | undefined;

  constructor(statement: Statement) {
    this.#statement = statement;
    this.#usual = modelPrice(statement, statement.price, {});
  }

  /** The price on those terms. A tier without a price of its own is charged at the usual one, which the sheet says. */
  on(terms: PriceTerms | undefined): ModelPrice {
    const tier = terms && pricedTier(terms);
    if (tier === undefined) return this.#usual;
    const known = this.#byTier.get(tier);
    if (known !== undefined) return known;
    const stated = this.#statement.tiers.get(tier);
    // Providers can name any tier: only those that have a price are remembered by name.
    if (stated === undefined) return this.#onUnstatedTier();
    const price = tierPrice(this.#statement, tier, stated);
    this.#byTier.set(tier, price);
    return price;
  }

  #onUnstatedTier(): ModelPrice {
    this.#unstated ??= unstatedTier(this.#statement);
    return this.#unstated;
  }
}

type BandTerms = Partial<Pick<PriceSheet, "serviceTier" | "factor" | "incomplete">>;

function tierPrice(statement: Statement, serviceTier: string, stated: TierPrice): ModelPrice {
  if ("factor" in stated)
    return modelPrice(statement, statement.price, { serviceTier, factor: stated.factor });
  return modelPrice(statement, { ...statement.price, ...stated.rates }, { serviceTier });
}

function unstatedTier(statement: Statement): ModelPrice {
  // What is given away costs nothing in any tier.
  const isFree = statement.source === "free";
  const incomplete = isFree ? [] : ["no price is known for the service tier; charged at the usual one"];
  return modelPrice(statement, statement.price, { incomplete });
}

function modelPrice({ source, uncounted }: Statement, price: Price, terms: BandTerms): ModelPrice {
  const incomplete = [...uncounted.map((what) => `${what} is not counted`), ...(terms.incomplete ?? [])];
  const bands = bandStarts(price).map((above): Band => {
    const rates = ratesAbove(price, above);
    const size = above < 0 ? {} : { above };
    return Object.freeze({ above, sheet: makeSheet({ source, rates, ...size, ...terms, incomplete }) });
  });
  // The bands themselves stay unfrozen: a frozen array is walked several times slower, and this one for each call.
  return Object.freeze({ source, bands });
}
