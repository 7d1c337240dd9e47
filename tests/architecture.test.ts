import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { providers } from "../src/providers/catalog.ts";

const ROOT = resolve(import.meta.dir, "..");
const SOURCE = join(ROOT, "src");

/** Who may import whom: DESIGN's table, and nothing beside it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  config: ["model"],
  storage: ["model"],
  telemetry: ["model"],
  dialects: ["model"],
  providers: ["model"],
  egress: ["model"],
  routing: ["model", "storage"],
  policy: ["model", "storage"],
  ledger: ["model", "storage"],
  alerts: ["model", "storage", "egress", "policy"],
  gateway: ["model", "dialects", "providers", "egress", "routing", "policy", "ledger", "telemetry"],
  admin: ["model", "config", "storage", "providers", "routing", "policy", "ledger"],
  server: ["model", "dialects", "gateway", "admin", "telemetry"],
  assembly: [
    "model",
    "config",
    "storage",
    "telemetry",
    "dialects",
    "providers",
    "egress",
    "routing",
    "policy",
    "ledger",
    "alerts",
    "gateway",
    "admin",
    "server",
  ],
  cli: ["assembly", "model"],
  "main.ts": ["assembly", "model", "cli"],
};

const HOMELESS_NAMES = /(^|[-/])(utils?|helpers?|misc|common|manager|stuff|index[0-9]|v[0-9]+)(\.ts$|\/|-)/;

/** Lines, of a file of the product, of its tests or of its benchmarks. */
const LONGEST_FILE = 400;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => {
    const text = readFileSync(join(SOURCE, path), "utf8");
    return { path, text, imports: importsOf(path, text) };
  });

function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"|new URL\("(\.[^"]+\.ts)"/g);
  return [...found].map(([, specifier, worker]) =>
    relative(SOURCE, resolve(SOURCE, dirname(path), specifier ?? worker ?? "")),
  );
}

/** The files of a folder that hold code, by their paths in the project. */
function codeIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path));
}

function linesOf(path: string): number {
  return readFileSync(join(ROOT, path), "utf8").trimEnd().split("\n").length;
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? "";
}

describe("architecture", () => {
  test("rooms import only what DESIGN allows", () => {
    const forbidden = files.flatMap(({ path, imports }) =>
      imports
        .filter((target) => !target.startsWith("..") && roomOf(target) !== roomOf(path))
        .filter((target) => !(MAY_IMPORT[roomOf(path)] ?? []).includes(roomOf(target)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(forbidden).toEqual([]);
  });

  test("every room is known and none is empty", () => {
    expect([...new Set(files.map(({ path }) => roomOf(path)))].sort()).toEqual(
      Object.keys(MAY_IMPORT).sort(),
    );
  });

  test("there are no import cycles", () => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
        return;
      }
      if (done.has(path)) return;
      for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const { path } of files) visit(path, []);
    expect(cycles).toEqual([]);
  });

  test("no file is longer than 400 lines", () => {
    const long = ["src", "tests", "bench"].flatMap((folder) =>
      codeIn(folder).filter((path) => linesOf(path) > LONGEST_FILE),
    );
    expect(long).toEqual([]);
  });

  test("no file is named for want of a name", () => {
    expect(files.map(({ path }) => path).filter((path) => HOMELESS_NAMES.test(path))).toEqual([]);
  });

  test("plug-ins are listed in their room", () => {
    const listed = [
      {
        list: "providers/catalog.ts",
        plugins: (path: string) => /^providers\/[^/]+(\/[^/]+)?\.ts$/.test(path),
      },
      {
        list: "routing/strategies/index.ts",
        plugins: (path: string) => /^routing\/strategies\/[^/]+\.ts$/.test(path),
      },
      { list: "dialects/index.ts", plugins: (path: string) => /^dialects\/[^/]+\/index\.ts$/.test(path) },
      { list: "admin/index.ts", plugins: (path: string) => /^admin\/[^/]+\.ts$/.test(path) },
      { list: "cli/index.ts", plugins: (path: string) => /^cli\/[^/]+\.ts$/.test(path) },
    ];
    const unlisted = listed.flatMap(({ list, plugins }) => {
      const named = reachable(list);
      return files.filter(
        ({ path, text }) => plugins(path) && path !== list && isPlugin(text) && !named.has(path),
      );
    });
    expect(unlisted.map(({ path }) => path)).toEqual([]);
  });

  test("no code outside a provider's own file compares with a provider's name", () => {
    const names = [...providers.keys(), "anthropic", "gemini"].join("|");
    const comparison = new RegExp(`[=!]==?\\s*"(${names})"|"(${names})"\\s*[=!]==?|case "(${names})"`);
    const guilty = files.filter(({ path, text }) => roomOf(path) !== "providers" && comparison.test(text));
    expect(guilty.map(({ path }) => path)).toEqual([]);
  });

  test("no code from data: nothing evaluates, spawns, or makes a pattern of what it was given", () => {
    // The price package's own rules hold patterns; they come with the package, from no request and no configuration.
    const allowed = new Set(["ledger/prices/match-logic.ts"]);
    const banned = /\beval\(|new Function\(|child_process|Bun\.spawn|Bun\.\$|new RegExp\(|vm\b.*runIn/;
    expect(
      files.filter(({ path, text }) => !allowed.has(path) && banned.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });
});

function reachable(path: string): ReadonlySet<string> {
  return new Set(files.find((file) => file.path === path)?.imports);
}

/** A file that exports a frozen value of a plug-in's type, rather than a part of one. */
function isPlugin(text: string): boolean {
  return /export const \w+(?:: (?:Provider|Strategy|Dialect|Command)\b| = adminResource\()/.test(text);
}
