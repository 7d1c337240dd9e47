const DECIMAL = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const NANO_DIGITS = 9;
const MOST_DIGITS = 100;

/** An exact decimal of zero or more: `numerator / denominator`, the denominator a power of ten, as small as may be. */
export interface Decimal {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Reads a plain decimal digit by digit, so that 0.15 is exactly 15/100. A number counts as the shortest decimal that
 * means it. Throws RangeError on anything but a plain decimal of zero or more.
 */
export function parseDecimal(text: string | number): Decimal {
  const match = DECIMAL.exec(String(text).trim());
  if (match === null) throw new RangeError(`not a decimal of zero or more: ${text}`);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const places = fraction.length - Number(exponent);
  if (Math.abs(places) > MOST_DIGITS) throw new RangeError(`not a decimal of zero or more: ${text}`);
  const digits = BigInt(whole + fraction);
  return places > 0
    ? shortened(digits, 10n ** BigInt(places))
    : { numerator: digits * 10n ** BigInt(-places), denominator: 1n };
}

/**
 * Dollars, written as a decimal, as nano-dollars: 0.15 is exactly 150,000,000. Throws RangeError on anything but a
 * plain decimal of zero or more, and where it is finer than a nano-dollar.
 */
export function exactNanoDollars(dollars: string | number): bigint {
  const { numerator, denominator } = nanoDollarsOf(dollars);
  if (denominator !== 1n) throw new RangeError(`${dollars} is finer than a nano-dollar`);
  return numerator;
}

/** The same, rounded half up to a nano-dollar. */
export function nearestNanoDollars(dollars: string | number): bigint {
  const { numerator, denominator } = nanoDollarsOf(dollars);
  return (numerator + denominator / 2n) / denominator;
}

/** Writes `numerator / 10^places` out in full, without zeros at the end: (1500, 3) is `1.5`. */
export function formatDecimal(numerator: bigint, places: number): string {
  const sign = numerator < 0n ? "-" : "";
  const digits = String(numerator < 0n ? -numerator : numerator).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

function nanoDollarsOf(dollars: string | number): Decimal {
  const { numerator, denominator } = parseDecimal(dollars);
  return shortened(numerator * 10n ** BigInt(NANO_DIGITS), denominator);
}

function shortened(numerator: bigint, denominator: bigint): Decimal {
  let [top, bottom] = [numerator, denominator];
  while (bottom > 1n && top % 10n === 0n) {
    top /= 10n;
    bottom /= 10n;
  }
  return { numerator: top, denominator: bottom };
}
