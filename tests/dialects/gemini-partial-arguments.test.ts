import { expect, test } from "bun:test";
import fc from "fast-check";
import { PartialArguments } from "../../src/dialects/gemini/blocks/partial-arguments.ts";
import type { JsonObject } from "../../src/model/json.ts";

const key = fc.constantFrom("a", "b c", "d.e", "f'g", "h[0]", 'i"j', "__proto__", "ü");
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { minLength: 1, maxLength: 3 }),
    fc.dictionary(key, tie("value"), { minKeys: 1, maxKeys: 3 }),
  ),
}));

test("of any value, place by place, are that value", () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 3 }), fc.nat(3), (args, cut) => {
      const partial = new PartialArguments();
      const written = piecesOf(args, "$", cut).map((piece) => partial.add(piece));
      expect(JSON.parse(written.join("") + partial.close())).toEqual(args);
    }),
    { numRuns: 200 },
  );
});

test("what can't be understood adds nothing", () => {
  const partial = new PartialArguments();
  const odd = [
    null,
    3,
    {},
    { jsonPath: "$" },
    { jsonPath: "a", numberValue: 1 },
    { jsonPath: "$[0]", numberValue: 1 },
  ];
  for (const piece of [...odd, { jsonPath: "$..a", numberValue: 1 }, { jsonPath: "$.a" }])
    expect(partial.add(piece)).toBe("");
  expect(partial.close()).toBe("{}");
});

/** A value as Google sends it: each leaf with its path, texts cut in two where they are long enough. */
function piecesOf(value: unknown, path: string, cut: number): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((one, place) => piecesOf(one, `${path}[${place}]`, cut));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, one]) => piecesOf(one, path + step(name), cut));
  }
  const piece = { jsonPath: path };
  if (typeof value === "number") return [{ ...piece, numberValue: value }];
  if (typeof value === "boolean") return [{ ...piece, boolValue: value }];
  if (value === null) return [{ ...piece, nullValue: "NULL_VALUE" }];
  const text = String(value);
  return [
    { ...piece, stringValue: text.slice(0, cut), willContinue: true },
    { ...piece, stringValue: text.slice(cut) },
  ];
}

function step(name: string): string {
  return /^[a-z]+$/.test(name) ? `.${name}` : `['${name.replaceAll(/['\\]/g, (one) => `\\${one}`)}']`;
}
