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

/** An amount as a plain decimal of dollars, exact, without trailing zeros: 1500000000n -> "1.5". */
export function formatDollars(amount: bigint | NanoDollars): string {
  const sign = amount < 0 ? "-" : "";
  const digits = String(amount)
    .slice(sign.length)
    .padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -DECIMALS)}${fraction === "" ? "" : `.${fraction}`}`;
}
