import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RepeatedBeginning } from "../../src/gateway/continuation/repeated-beginning.ts";

/** Feeds a text in pieces, cut where the numbers say. */
function fed(beginning: RepeatedBeginning, text: string, cuts: readonly number[]): string {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
  return places
    .slice(1)
    .reduce((said, to, index) => said + beginning.take(text.slice(places[index], to)), "");
}

const texts = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "é"), maxLength: 40 });
const cuts = fc.array(fc.nat(100), { maxLength: 8 });

describe("what a continuation has again of what was given", () => {
  test("all of it, however it is cut: what is new stays, to the letter", () => {
    fc.assert(
      fc.property(texts, texts, cuts, (given, rest, at) => {
        const trimmed = given.trimEnd();
        fc.pre(trimmed !== "");
        const space = given.slice(trimmed.length);
        expect(fed(new RepeatedBeginning(trimmed, space), given + rest, at)).toBe(rest);
      }),
    );
  });

  test("white space at its end, which could not be sent along", () => {
    fc.assert(
      fc.property(texts, texts, cuts, (given, rest, at) => {
        const trimmed = given.trimEnd();
        const space = given.slice(trimmed.length);
        expect(fed(new RepeatedBeginning(undefined, space), space + rest, at)).toBe(rest);
      }),
    );
  });

  test("nothing: all is new", () => {
    fc.assert(
      fc.property(texts, cuts, (rest, at) => {
        expect(fed(new RepeatedBeginning(undefined, ""), rest, at)).toBe(rest);
      }),
    );
    expect(fed(new RepeatedBeginning("The gate", ""), "house stands.", [3])).toBe("house stands.");
  });

  test("in other words: that is no continuation", () => {
    const beginning = new RepeatedBeginning("Once there was a gate in the wall.", "");
    expect(beginning.take("Once there was a gate")).toBe("");
    expect(() => beginning.take(" in a hedge.")).toThrow(RangeError);
  });
});
