import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parse } from "yaml";
import { appendToList, UnwritableError } from "../../src/config/append-to-list.ts";

const append = (text: string): string => appendToList(text, ["providers", "x", "list"], "{ a: 1 }");

describe("everything else stays as it is", () => {
  const cases: readonly [what: string, before: string, after: string][] = [
    ["an empty text", "", "providers:\n  x:\n    list:\n      - { a: 1 }\n"],
    ["only remarks", "# hello\n", "# hello\nproviders:\n  x:\n    list:\n      - { a: 1 }\n"],
    [
      "other sections, comments after them",
      "server: { port: 1 } # p\n# end\n",
      "server: { port: 1 } # p\nproviders:\n  x:\n    list:\n      - { a: 1 }\n# end\n",
    ],
    [
      "an empty provider",
      "providers:\n  x: # mine\n\n  y: {}\n",
      "providers:\n  x: # mine\n    list:\n      - { a: 1 }\n\n  y: {}\n",
    ],
    ["a null", "providers:\n  x: ~\n", "providers:\n  x: \n    list:\n      - { a: 1 }\n"],
    [
      "a block provider",
      "providers:\n    x:\n        key: k # secret\n        # more\nroutes: {}\n",
      "providers:\n    x:\n        key: k # secret\n        list:\n          - { a: 1 }\n        # more\nroutes: {}\n",
    ],
    [
      "a flow provider",
      "providers: { x: { key: k }, y: {} }\n",
      "providers: { x: { key: k, list: [{ a: 1 }] }, y: {} }\n",
    ],
    ["an empty flow provider", "providers: { x: {} }\n", "providers: { x: { list: [{ a: 1 }] } }\n"],
    ["an unwritten flow value", "providers: { x: }\n", "providers: { x: { list: [{ a: 1 }] } }\n"],
    [
      "a block list",
      "providers:\n  x:\n    list:\n    # first\n    - b: 2 # two\n\n    after: 1\n",
      "providers:\n  x:\n    list:\n    # first\n    - b: 2 # two\n    - { a: 1 }\n\n    after: 1\n",
    ],
    [
      "a flow list",
      "providers:\n  x:\n    list: [ { b: 2 } ] # l\n",
      "providers:\n  x:\n    list: [ { b: 2 }, { a: 1 } ] # l\n",
    ],
    ["an empty flow list", "providers:\n  x:\n    list: []\n", "providers:\n  x:\n    list: [ { a: 1 } ]\n"],
    [
      "no line break at the end",
      "providers:\n  x:\n    key: k",
      "providers:\n  x:\n    key: k\n    list:\n      - { a: 1 }",
    ],
    [
      "Windows' line breaks",
      "providers:\r\n  x:\r\n    key: k\r\n",
      "providers:\r\n  x:\r\n    key: k\r\n    list:\r\n      - { a: 1 }\r\n",
    ],
    [
      "a text of several lines before",
      "providers:\n  x:\n    ca: |\n      one\n      two\nlog: {}\n",
      "providers:\n  x:\n    ca: |\n      one\n      two\n    list:\n      - { a: 1 }\nlog: {}\n",
    ],
  ];
  for (const [what, before, after] of cases) {
    test(what, () => {
      expect(append(before)).toBe(after);
      expect(parse(append(before)).providers.x.list.at(-1)).toEqual({ a: 1 });
    });
  }
});

test("what stands in the way is told", () => {
  for (const text of [
    "providers: 3\n",
    "a: &a {}\nproviders:\n  x: *a\n",
    "providers:\n  x:\n    list: no\n",
    "a: [",
    "- 1\n",
  ]) {
    expect(() => append(text)).toThrow(UnwritableError);
  }
});

test("any number of entries, in any configuration of two providers, are all there after", () => {
  const value = fc.constantFrom(
    "{}",
    "{ key: k }",
    "",
    "~",
    "\n    key: k # c",
    "\n    list:\n      - { b: 1 }",
  );
  fc.assert(
    fc.property(value, value, fc.integer({ min: 1, max: 4 }), (x, y, times) => {
      const before = `# top\nproviders:\n  y: ${y}\n  x: ${x}\n# bottom\nlog: {}\n`;
      const entries = Array.from({ length: times }, (_, index) => `{ n: ${index} }`);
      const after = entries.reduce(
        (text, entry) => appendToList(text, ["providers", "x", "list"], entry),
        before,
      );
      const known = parse(before).providers.x?.list ?? [];
      expect(parse(after)).toEqual({
        ...parse(before),
        providers: {
          ...parse(before).providers,
          x: { ...parse(before).providers.x, list: [...known, ...entries.map((_, n) => ({ n }))] },
        },
      });
      for (const remark of ["# top", "# bottom"]) expect(after).toContain(remark);
    }),
  );
});
