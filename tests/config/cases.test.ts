import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileSnapshot } from "../../src/assembly/compile/compile-snapshot.ts";
import { describeSettings } from "../../src/assembly/configuration/describe-settings.ts";
import { printProblems } from "../../src/config/print-problems.ts";
import { dialects, loadWorld, modelsOf, type World } from "./fixtures.ts";

/*
 * One file a case in cases/: lines `$ NAME=value` (a variable) and `$ file PATH=content`, then the text of
 * gatehouse.yaml (nothing at all for no such file), then a line `---`, then what `gatehouse config check` says.
 * A value that holds SECRET must never be in it. `UPDATE_CASES=1 bun test tests/config` writes the results anew.
 */

const FOLDER = join(import.meta.dir, "cases");
const SEPARATOR = "\n---\n";

describe("configuration case", () => {
  for (const name of readdirSync(FOLDER)) {
    test(name.replace(/\.txt$/, ""), () => {
      const path = join(FOLDER, name);
      const whole = readFileSync(path, "utf8");
      const input = whole.slice(0, whole.lastIndexOf(SEPARATOR));
      const said = resultOf(worldOf(input));
      expect(said).not.toContain("SECRET");
      if (process.env["UPDATE_CASES"]) writeFileSync(path, `${input}${SEPARATOR}${said}\n`);
      else expect(`${said}\n`).toBe(whole.slice(input.length + SEPARATOR.length));
    });
  }
});

function worldOf(input: string): World {
  const lines = input.split("\n");
  const given = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
  const text = lines.filter((line) => !line.startsWith("$ ")).join("\n");
  const isFile = (line: string) => line.startsWith("file ");
  return {
    environment: Object.fromEntries(given.filter((line) => !isFile(line)).map(assignment)),
    files: Object.fromEntries(given.filter(isFile).map((line) => assignment(line.slice("file ".length)))),
    ...(text.trim() === "" ? {} : { text }),
  };
}

function assignment(line: string): [string, string] {
  const equals = line.indexOf("=");
  return [
    line.slice(0, equals),
    line
      .slice(equals + 1)
      .replaceAll("\\r", "\r")
      .replaceAll("\\n", "\n"),
  ];
}

function resultOf(world: World): string {
  const result = loadWorld(world);
  if ("problems" in result) return printProblems(result.problems);
  const snapshot = compileSnapshot({ settings: result.settings, dialects, modelsOf });
  return describeSettings(result.settings, snapshot);
}
