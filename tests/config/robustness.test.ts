import { expect, test } from "bun:test";
import fc from "fast-check";
import { expandReferences } from "../../src/config/expand-references.ts";
import { printProblems } from "../../src/config/print-problems.ts";
import { loadWorld } from "./fixtures.ts";

const SECRET = "s3cr3t-value";

const word = fc.constantFrom(
  ..."server|port|providers|openai|my-server|routes|targets|prices|key|base_url|headers|timeouts|total_ms|log".split(
    "|",
  ),
  ..."demo/demo|8003|true|~|[]|{}|[|]|{|}|*a|&a |!x |'|\"|- |? |: |:|#|,|\n|\n  |\n    |\t|---\n|<<|__proto__".split(
    "|",
  ),

  ..."${S}|${UNSET}|${S:-x}|$${|${|file:secret|file:none|%YAML 1.1\n|\u0000|\uFEFF|😀".split("|"),
);
const yamlish = fc.oneof(
  fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
  fc
    .array(fc.tuple(word, word), { maxLength: 8 })
    .map((lines) => lines.map(([a, b]) => `${a}: ${b}\n`).join("")),
  fc.string({ unit: "binary", maxLength: 200 }),
);

const environment = { S: SECRET, GROQ_API_KEY: SECRET };
const files = { secret: SECRET, none: "" };

function outcome(text: string): string {
  const result = loadWorld({ text, environment, files });
  if (!("problems" in result)) return "";
  expect(result.problems.length).toBeGreaterThan(0);
  for (const { line, column, mend } of result.problems) {
    expect(line >= 0 && column >= 0 && mend !== "").toBe(true);
  }
  return printProblems(result.problems);
}

test("whatever the text, loading ends in a configuration or in problems that show no secret", () => {
  fc.assert(
    fc.property(yamlish, (text) => {
      expect(outcome(text)).not.toContain(SECRET);
    }),
    { numRuns: 1000 },
  );
});

test("whatever a variable holds, it stays one value", () => {
  fc.assert(
    fc.property(fc.string(), (held) => {
      fc.pre(held !== "");

      const { text, malformed } = expandReferences("a${X}b", { X: held });
      expect([text, malformed]).toEqual([`a${held}b`, false]);
    }),
  );
});

test.each([
  ["brackets", "[".repeat(500_000)],
  ["braces", "{a: ".repeat(200_000)],
  ["dashes", "- ".repeat(150_000)],
  ["names", Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join("\n")],
  ["references", `a: "${"${A:-".repeat(100_000)}"`],
  ["aliases", `a: &a 1\nb: [${"*a,".repeat(50_000)}]`],
  ["unknown names in one line", `{${Array.from({ length: 10_000 }, (_, i) => `k${i}: 1, `).join("")}}`],
  ["broken lines", "a: b: c\n".repeat(25_000)],
  ["one line", "a ".repeat(500_000)],
  ["too much", "#".repeat(1_048_577)],
])("a hostile text of %s is refused soon", (_, text) => {
  const begun = process.cpuUsage();
  expect(outcome(text)).not.toBe("");
  // Its own work, however busy the machine is: what grew with the square of the text would take minutes.
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1000).toBeLessThan(5000);
});
