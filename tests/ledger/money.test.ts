import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  exactNanoDollars,
  formatDecimal,
  nearestNanoDollars,
  parseDecimal,
} from "../../src/ledger/prices/decimal.ts";
import { applyMarkup, parseMarkup } from "../../src/ledger/prices/markup.ts";
import { nanoDollars } from "../../src/model/money.ts";

describe("decimals become integers exactly", () => {
  test.each([
    ["0.15", 150_000_000n],
    ["0.1", 100_000_000n],
    ["0.003625", 3_625_000n],
    ["75", 75_000_000_000n],
    ["1e-7", 100n],
    ["2.5E1", 25_000_000_000n],
    ["0", 0n],
    [0.07, 70_000_000n],
    [1.1, 1_100_000_000n],
    [0.000000001, 1n],
  ])("%p", (dollars, nano) => {
    expect(exactNanoDollars(dollars)).toBe(nano);
  });

  test.each(["", "-1", "1,5", "0x10", "NaN", "1.", ".5", "1e999", "$3"])("%p is no price", (text) => {
    expect(() => exactNanoDollars(text)).toThrow(RangeError);
  });

  test("finer than a nano-dollar is refused, or rounded where that is asked for", () => {
    expect(() => exactNanoDollars("0.0000000015")).toThrow("finer");
    expect(nearestNanoDollars("0.0000000015")).toBe(2n);
    expect(nearestNanoDollars(0.08333333333333334)).toBe(83_333_333n);
    expect(nearestNanoDollars(0.18000000000000002)).toBe(180_000_000n);
  });

  test("any count of nano-dollars survives being written as dollars", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (nano) => {
        expect(exactNanoDollars(formatDecimal(nano, 9))).toBe(nano);
      }),
    );
  });

  test("and back, whatever the sign and the places", () => {
    expect(formatDecimal(-1_500n, 3)).toBe("-1.5");
    expect(formatDecimal(5n, 15)).toBe("0.000000000000005");
    expect(formatDecimal(-120n, 0)).toBe("-120");
    expect(formatDecimal(0n, 4)).toBe("0");
    expect(parseDecimal("1.2500")).toEqual({ numerator: 125n, denominator: 100n });
  });
});

describe("a markup", () => {
  test.each([
    ["1.2", "1.2"],
    ["20%", "1.2"],
    ["+20 %", "1.2"],
    ["-5%", "0.95"],
    ["12.5%", "1.125"],
    ["0%", "1"],
    ["-100%", "0"],
    [1.175, "1.175"],
  ])("%p is the factor %p", (written, factor) => {
    expect(parseMarkup(written)).toBe(factor);
  });

  test.each(["", "-1", "much", "-101%", "1001", "%", "1.2.3"])("%p is none", (written) => {
    expect(() => parseMarkup(written)).toThrow(RangeError);
  });

  test.each(["much", "", "-1", "20%"])(
    "that can't be read is not applied, and does not throw: %p",
    (markup) => {
      expect(applyMarkup(nanoDollars(100), markup)).toBe(nanoDollars(100));
    },
  );

  test("is exact and rounded half up once", () => {
    expect(applyMarkup(nanoDollars(1_000_001), "1.2")).toBe(nanoDollars(1_200_001));
    // 5 x 1.1 = 5.5, and 3 x 0.15 = 0.45
    expect(applyMarkup(nanoDollars(5), "1.1")).toBe(nanoDollars(6));
    expect(applyMarkup(nanoDollars(3), "0.15")).toBe(nanoDollars(0));
    expect(applyMarkup(nanoDollars(7), undefined)).toBe(nanoDollars(7));
    // 0.1 + 0.2 as floats would make 8999999999999999 of this.
    expect(applyMarkup(nanoDollars(9_000_000_000_000_000), "0.3")).toBe(nanoDollars(2_700_000_000_000_000));
  });

  test("equals rational arithmetic for every cost and factor", () => {
    const cost = fc.integer({ min: 0, max: 10 ** 9 });
    fc.assert(
      fc.property(
        cost,
        fc.integer({ min: 0, max: 10 ** 6 }),
        fc.integer({ min: 0, max: 9 }),
        (amount, digits, places) => {
          const scale = 10n ** BigInt(places);
          const exact = BigInt(amount) * BigInt(digits);
          const billed = applyMarkup(nanoDollars(amount), formatDecimal(BigInt(digits), places));
          const floor = exact / scale;
          expect(BigInt(billed)).toBe((exact % scale) * 2n >= scale ? floor + 1n : floor);
        },
      ),
    );
  });
});
