import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { editMembers, type MemberEdits } from "../../src/dialects/json/edit-members.ts";

const edited = (text: string, edits: MemberEdits): string =>
  new TextDecoder().decode(editMembers(new TextEncoder().encode(text), edits));

describe("top-level members", () => {
  const cases: readonly [text: string, edits: MemberEdits, expected: string][] = [
    ['{"model":"m","a":1}', { remove: ["model"] }, '{"a":1}'],
    ['{"a":1,"model":"m"}', { remove: ["model"] }, '{"a":1}'],
    ['{ "a" : 1 , "model":"m" , "b" : [2] }', { remove: ["model"] }, '{ "a" : 1 , "b" : [2] }'],
    ['{"model":"m"}', { remove: ["model"] }, "{}"],
    ['{"model":"m"}', { remove: ["model"], set: { v: "1" } }, '{"v":"1"}'],
    [" {}\n", { set: { v: 'a"b' } }, ' {"v":"a\\"b"}\n'],
    ['{"v":0,"a":{"v":1}}', { set: { v: "1" } }, '{"a":{"v":1},"v":"1"}'],
    ['{"mod\\u0065l":"m","a":"},{\\"model\\":1"}', { remove: ["model"] }, '{"a":"},{\\"model\\":1"}'],
    ['{"a":1}', {}, '{"a":1}'],
  ];
  for (const [text, edits, expected] of cases) {
    test(`${text} with ${JSON.stringify(edits)}`, () => expect(edited(text, edits)).toBe(expected));
  }

  test("of any object: those and no others", () => {
    const name = fc.oneof(
      fc.constantFrom("model", "v", "__proto__"),
      fc.string({ unit: "binary", maxLength: 6 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 }),
        fc.nat(3),
        (entries, indent) => {
          const object = Object.fromEntries(entries);
          const text = JSON.stringify(object, null, indent);
          const { model: _model, v: _v, ...rest } = object;
          expect(JSON.parse(edited(text, { remove: ["model"], set: { v: "1" } }))).toEqual(
            JSON.parse(JSON.stringify({ ...rest, v: "1" })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
