/**
 * Money: an integer count of nano-dollars (1 USD = 1,000,000,000). A number holds them exactly up to nine million
 * dollars, which no single call reaches; sums over many rows are made by the database or as bigint.
 */
export type NanoDollars = number & { readonly unit: "nano-dollars" };

/** Nano: nine places behind the point. */
const DECIMALS = 9;

/** Names an integer as money. Throws on anything that a ledger could not hold exactly. */
export function nanoDollars(amount: number): NanoDollars {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not an exact amount of nano-dollars: ${amount}`);
  return amount as NanoDollars;
}

const PLAIN_DECIMAL = /^(\d{1,7})(?:\.(\d{1,9}))?$/;

/**
 * Dollars as people write them, as money, exact: "0.15" and 0.15 are both 150,000,000. Throws RangeError on anything
 * but a plain decimal of zero or more with at most nine decimals, and above what money holds.
 */
export function parseDollars(dollars: string | number): NanoDollars {
  const text = typeof dollars === "number" ? plainDecimal(dollars) : dollars;
  const match = PLAIN_DECIMAL.exec(text);
  if (match === null) throw new RangeError(`not an exact amount of dollars: ${dollars}`);
  const [, whole = "", fraction = ""] = match;
  return nanoDollars(Number(whole + fraction.padEnd(DECIMALS, "0")));
}

/** The number without an exponent; empty where nine decimals don't hold it. */
function plainDecimal(amount: number): string {
  const text = amount.toFixed(DECIMALS);
  return Number(text) === amount ? text : "";
}

export const NO_COST = nanoDollars(0);

/** An amount as a plain decimal of dollars, exact, without trailing zeros: 1500000000n -> "1.5". */
export function formatDollars(amount: bigint | NanoDollars): string {
  const sign = amount < 0 ? "-" : "";
  const digits = String(amount)
    .slice(sign.length)
    .padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -DECIMALS)}${fraction === "" ? "" : `.${fraction}`}`;
}
