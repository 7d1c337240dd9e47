const DECIMAL = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const NANO_DIGITS = 9;

/**
 * Dollars, written as a decimal, as nano-dollars; the text is read digit by digit, so 0.15 is exactly 150,000,000. A
 * number counts as the shortest decimal that means it. Throws RangeError on anything but a plain decimal of zero or
 * more, and where it is finer than a nano-dollar.
 */
export function exactNanoDollars(dollars: string | number): bigint {
  const { nano, isExact } = parse(dollars);
  if (!isExact) throw new RangeError(`${dollars} is finer than a nano-dollar`);
  return nano;
}

/** The same, rounded half up to a nano-dollar. */
export function nearestNanoDollars(dollars: string | number): bigint {
  return parse(dollars).nano;
}

function parse(dollars: string | number): { nano: bigint; isExact: boolean } {
  const match = DECIMAL.exec(String(dollars).trim());
  if (match === null) throw new RangeError(`not a price in dollars: ${dollars}`);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const digits = BigInt(whole + fraction);
  const shift = NANO_DIGITS - fraction.length + Number(exponent);
  if (Math.abs(shift) > 100) throw new RangeError(`not a price in dollars: ${dollars}`);
  if (shift >= 0) return { nano: digits * 10n ** BigInt(shift), isExact: true };
  const divisor = 10n ** BigInt(-shift);
  return { nano: (digits + divisor / 2n) / divisor, isExact: digits % divisor === 0n };
}
