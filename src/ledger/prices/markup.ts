import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import { roundHalfUp } from "./cost.ts";
import { type Decimal, formatDecimal, parseDecimal } from "./decimal.ts";

const PERCENT = /^([+-]?)(\d+(?:\.\d+)?)\s*%$/;
const HUNDRED = 100n;
const GREATEST_FACTOR = 1000n;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * What is billed for a dollar of cost, as an exact decimal. Reads a factor (`1.2`) or a percentage that is added to the
 * cost (`20%`, `-5%`). Throws RangeError on anything else, and on a factor above 1,000.
 */
export function parseMarkup(text: string | number): string {
  const { numerator, denominator } = factorOf(String(text).trim());
  if (numerator > GREATEST_FACTOR * denominator)
    throw new RangeError(`a markup of more than 1,000 times: ${text}`);
  return formatDecimal(numerator, String(denominator).length - 1);
}

function factorOf(text: string): Decimal {
  const [, sign, percents] = PERCENT.exec(text) ?? [];
  if (percents === undefined) return parseDecimal(text);
  const { numerator, denominator } = parseDecimal(percents);
  const added = sign === "-" ? -numerator : numerator;
  const whole = HUNDRED * denominator;
  if (whole + added < 0n) throw new RangeError(`a markup that takes more than all: ${text}`);
  return { numerator: whole + added, denominator: whole };
}

/**
 * A cost with a markup: exact, rounded half up to a nano-dollar once. It starts from the cost as the ledger has it, so
 * that whoever has a row can work it out again. `markup` is a factor as `parseMarkup` gives it; absent means none. One
 * that can't be read counts as none, because the end of a call must not fail for it; its explanation says so.
 */
export function applyMarkup(cost: NanoDollars, markup: string | undefined): NanoDollars {
  const factor = markup === undefined ? undefined : remembered(markup);
  if (factor === undefined) return cost;
  const { numerator, denominator } = factor;
  const billed = roundHalfUp(BigInt(cost) * numerator, denominator);
  return nanoDollars(Number(billed < LARGEST ? billed : LARGEST));
}

const MOST_REMEMBERED = 1_000;
const factors = new Map<string, Decimal | undefined>();

/** Projects are few and their calls many. */
function remembered(markup: string): Decimal | undefined {
  const known = factors.get(markup);
  if (known !== undefined || factors.has(markup)) return known;
  if (factors.size >= MOST_REMEMBERED) factors.clear();
  const factor = isMarkup(markup) ? parseDecimal(markup) : undefined;
  factors.set(markup, factor);
  return factor;
}

/** Whether a text is a factor that `applyMarkup` can apply. */
export function isMarkup(text: string): boolean {
  try {
    parseDecimal(text);
    return true;
  } catch {
    return false;
  }
}
