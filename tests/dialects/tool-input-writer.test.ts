import { describe, expect, test } from "bun:test";
import { partialParse } from "@anthropic-ai/sdk/_vendor/partial-json-parser/parser.mjs";
import fc from "fast-check";
import { ToolInputWriter } from "../../src/dialects/anthropic-messages/tool-input-writer.ts";

/** A call's input, streamed and whole, whatever another vendor's model made of its arguments. */

/** As Anthropic's SDK reads it: after every piece. Throws where no JSON goes on like that. */
function readByTheSdk(pieces: readonly string[]): unknown {
  const writer = new ToolInputWriter();
  let text = "";
  let read: unknown = {};
  for (const add of [...pieces.map((piece) => () => writer.write(piece)), () => writer.end()]) {
    const more = add();
    text += more;
    if (more !== "") read = text.trim() === "" ? {} : partialParse(text);
  }
  return read;
}

/** Cut at random places. */
function piecesOf(text: string, cuts: readonly number[]): string[] {
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length));
}

const cuts = fc.array(fc.nat(), { maxLength: 8 });
const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });

describe("a call's input", () => {
  test("is what was said, where that is an object, in whatever pieces and with blanks", () => {
    fc.assert(
      fc.property(objects, cuts, fc.constantFrom(undefined, 2, "\t"), (object, where, indent) => {
        const text = JSON.stringify(object, null, indent);
        const writer = new ToolInputWriter();
        const written = piecesOf(` ${text}\n`, where)
          .map((piece) => writer.write(piece))
          .join("");
        expect(written.trim()).toBe(text);
        expect(writer.end()).toBe("");
        expect(ToolInputWriter.read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("that breaks off anywhere is whole as Anthropic's SDK reads the stream of it", () => {
    fc.assert(
      fc.property(objects, fc.nat(), cuts, (object, length, where) => {
        const whole = JSON.stringify(object);
        const text = whole.slice(0, length % (whole.length + 1));
        expect(readByTheSdk(piecesOf(text, where))).toEqual(ToolInputWriter.read(text));
      }),
    );
  });

  test("that is broken is an object all the same, streamed and whole, with all that was said", () => {
    const broken = fc
      .tuple(
        objects,
        fc.nat(),
        fc.constantFrom("}", "]", ",", ":", "'", "x", "\n", '"', "\\", "-", "1.", "01", "nul!"),
      )
      .map(([object, at, wrong]) => {
        const text = JSON.stringify(object);
        const place = at % (text.length + 1);
        return text.slice(0, place) + wrong + text.slice(place);
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.string({ minLength: 1 })), cuts, (text, where) => {
        const streamed = readByTheSdk(piecesOf(text, where));
        expect(streamed).toEqual(ToolInputWriter.read(text));
        expect(typeof streamed === "object" && !Array.isArray(streamed)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["", {}],
    ["  ", {}],
    ["no JSON at all", { input: "no JSON at all" }],
    ["[1]", { input: "[1]" }],
    ['"text"', { input: '"text"' }],
    ['{"a": 1, }', { a: 1, input: '{"a": 1, }' }],
    ["{'a': 1}", { input: "{'a': 1}" }],
    ['{"a": "two\nlines"}', { a: "two", input: '{"a": "two\nlines"}' }],
    ['{"a": {"b": [1, 2.}}', { a: { b: [1, 2] }, input: '{"a": {"b": [1, 2.}}' }],
    ['{"a": True}', { a: null, input: '{"a": True}' }],
    ['{"a": 1} and so on', { a: 1 }],
    ['{"a": 1, "b": "cut o', { a: 1 }],
    ['{"a": 12', {}],
  ])("%p", (text, input) => {
    expect(ToolInputWriter.read(text)).toEqual(input as never);
    expect(readByTheSdk([...text])).toEqual(input as never);
  });
});
