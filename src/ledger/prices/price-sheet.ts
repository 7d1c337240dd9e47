import { isJsonObject } from "../../model/json.ts";
import { type Decimal, formatDecimal, parseDecimal } from "./decimal.ts";
import type { Rates } from "./price.ts";
import { isToken, PRICED_UNITS } from "./units.ts";

/** Who says what a price is: the operator, the operator by calling a whole provider free, or the price data. */
export type PriceSource = "override" | "free" | "price data";

/** What a price sheet says. */
export interface SheetContent {
  readonly source: PriceSource;
  readonly rates: Rates;
  /** It holds for requests of more input tokens than this; absent for the smallest. */
  readonly above?: number;
  /** The service tier that it holds for; absent for the usual one. */
  readonly serviceTier?: string;
  /** What tokens cost there compared to `rates`, an exact decimal; absent where `rates` say it all. */
  readonly factor?: string;
  /** Why a cost by this sheet may be too low: what it is known not to take in. */
  readonly incomplete: readonly string[];
}

/**
 * The rates of one call, worked out when prices were loaded: for one model, one moment, one size of request and one
 * service tier. It is named by its content, which never changes, so that a ledger row which holds the name can be
 * explained when all prices have changed.
 */
export interface PriceSheet extends SheetContent {
  readonly id: string;
  /** The content as it is stored. */
  readonly text: string;
  /** A million times the factor's denominator: what sums of counts times `scaled` are divided by. */
  readonly divisor: bigint;
  /** `rates` times the factor times its denominator, in the order of `PRICED_UNITS`. */
  readonly scaled: Rates;
  /** The same as numbers; NaN for what has no price, and what a number can't hold exactly. */
  readonly scaledNumbers: readonly number[];
}

const MILLION = 1_000_000n;
const NANO_DIGITS = 9;
const WHOLE: Decimal = { numerator: 1n, denominator: 1n };

/** Makes a sheet. Throws RangeError where the factor is no decimal. */
export function makeSheet(content: SheetContent): PriceSheet {
  const text = JSON.stringify(wireContent(content));
  const factor = factorOf(content);
  const scaled = content.rates.map((rate, index) => rate && rate * multiplierOf(index, factor));
  return Object.freeze({
    ...content,
    id: new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, ID_CHARACTERS),
    text,
    divisor: MILLION * factor.denominator,
    scaled,
    scaledNumbers: scaled.map(asNumber),
  });
}

/** 96 bits: two sheets that differ never share one. */
const ID_CHARACTERS = 16;

/** What a sheet's factor is, 1 where it has none. */
export function factorOf({ factor }: Pick<SheetContent, "factor">): Decimal {
  return factor === undefined ? WHOLE : parseDecimal(factor);
}

/** The factor is one of tokens; a fee stays what it is. */
function multiplierOf(index: number, { numerator, denominator }: Decimal): bigint {
  return isToken(index) ? numerator : denominator;
}

function asNumber(rate: bigint | undefined): number {
  return rate === undefined || rate > Number.MAX_SAFE_INTEGER ? Number.NaN : Number(rate);
}

/** Dollars per million, as decimals: readable in the store, and exact. */
function wireContent({ source, rates, above, serviceTier, factor, incomplete }: SheetContent): object {
  const priced = PRICED_UNITS.flatMap((unit, index) => {
    const rate = rates[index];
    return rate === undefined ? [] : [[unit, formatDecimal(rate, NANO_DIGITS)]];
  });
  return {
    source,
    rates: Object.fromEntries(priced),
    ...(above !== undefined && { above }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(factor !== undefined && { factor }),
    ...(incomplete.length > 0 && { incomplete }),
  };
}

/** Reads a stored sheet. Undefined where it is none, or one of a version that counted otherwise. */
export function readSheet(text: string): PriceSheet | undefined {
  try {
    const content = readContent(JSON.parse(text));
    return content && makeSheet(content);
  } catch {
    return undefined;
  }
}

const SOURCES: readonly PriceSource[] = ["override", "free", "price data"];

function readContent(stored: unknown): SheetContent | undefined {
  if (!isJsonObject(stored) || !isJsonObject(stored["rates"])) return undefined;
  const { rates, above, serviceTier, factor, incomplete } = stored;
  const source = SOURCES.find((known) => known === stored["source"]);
  const isForeign = Object.keys(rates).some((unit) => !PRICED_UNITS.some((known) => known === unit));
  if (source === undefined || isForeign) return undefined;
  return {
    source,
    rates: PRICED_UNITS.map((unit) => readRate(rates[unit])),
    ...(typeof above === "number" && { above }),
    ...(typeof serviceTier === "string" && { serviceTier }),
    ...(typeof factor === "string" && { factor }),
    incomplete: Array.isArray(incomplete) ? incomplete.map(String) : [],
  };
}

function readRate(stored: unknown): bigint | undefined {
  if (typeof stored !== "string") return undefined;
  const { numerator, denominator } = parseDecimal(stored);
  return (numerator * 10n ** BigInt(NANO_DIGITS)) / denominator;
}
