import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dialects } from "../../src/dialects/index.ts";
import { signingOf } from "../../src/egress/signing/index.ts";
import { FEATURES, type Feature } from "../../src/model/loss.ts";
import type { Endpoint, Provider } from "../../src/model/provider.ts";
import type { FamilyQuirks } from "../../src/model/quirks.ts";
import type { Target, Upstream } from "../../src/model/snapshot.ts";
import { providers } from "../../src/providers/catalog.ts";
import { type Cell, cellOf, LEGEND, MARKS } from "../translation/cell.ts";
import { featureProbes } from "../translation/feature-probes.ts";
import { compiled, targetFor } from "./compiled.ts";

const PAGE = join(import.meta.dir, "../../docs/providers.md");

interface Row {
  readonly provider: Provider;
  readonly upstream: Upstream;
  readonly target: Target;
}

const rows: readonly Row[] = [...providers.values()].flatMap((provider) => {
  const upstream = compiled(provider);
  return upstream === undefined ? [] : [{ provider, upstream, target: targetFor(provider, upstream) }];
});

/** Where a request of another dialect goes: the first of the provider's that can be translated to. */
function cell(feature: Feature, { target }: Row): Cell | undefined {
  const probe = featureProbes.find((one) => one.feature === feature);
  if (probe === undefined) return undefined;
  for (const { dialect } of target.endpoints[probe.operation] ?? []) {
    const face = dialects.get(dialect)?.upstream;
    const found = face && cellOf(probe, face, target);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe("what a client asks for is never dropped in silence", () => {
  for (const row of rows) {
    test(`on its way to ${row.target.name}`, () => {
      expect(FEATURES.filter((feature) => cell(feature, row)?.kind === "silent")).toEqual([]);
    });
  }
});

/** `UPDATE_REFERENCE=1 bun test tests/providers` writes the page anew. */
test("docs/providers.md says what is", () => {
  if (process.env["UPDATE_REFERENCE"] === "1") writeFileSync(PAGE, page());
  expect(readFileSync(PAGE, "utf8")).toBe(page());
});

function page(): string {
  const sections = [
    INTRODUCTION,
    "## Who, where, and how the key is found",
    table(
      ["id", "provider", "address", "key from", "default model", "prices"],
      rows.map(({ provider }) => [
        `\`${provider.id}\``,
        provider.title,
        provider.local === undefined ? provider.baseUrl : "inside this process",
        found(provider),
        provider.defaultModel === undefined ? "" : `\`${provider.defaultModel}\``,
        provider.priceDataId === undefined ? (isFree(provider) ? "free" : "unknown") : "known",
      ]),
    ),
    "## Operations and dialects",
    "In the order of preference. A client of one of these dialects is passed through; the others are translated.",
    table(["id", ...operations()], rows.map(operationCells)),
    "## Features",
    `For a request that is translated, to the provider's default model. ${LEGEND}.`,
    table(
      ["feature", ...rows.map(({ provider }) => provider.id)],
      FEATURES.map((feature) => [feature, ...rows.map((row) => markOf(cell(feature, row)))]),
    ),
    "## Models that differ",
    "Beside what holds for all models of a provider; `*` stands for any run of characters, and a later line wins.",
    table(["models", "what they have otherwise"], rows.flatMap(familyRows)),
    "## How errors count",
    "By HTTP status (401 and 403: auth, 402: quota, 408 and 504: timeout, 429: rate limit, 498, 503 and 529: overloaded, other 4xx: caller, other 5xx: server) and by the words that all share, but for these codes of the vendors. `error_classes` in the configuration adds to them.",
    table(["id", "code", "counts as"], rows.flatMap(errorRows)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function found({
  keyVariables,
  tokenVariables = [],
  addressVariables,
  authentication,
  options = {},
  local,
}: Provider): string {
  if (local !== undefined) return "needs none";
  const parts = Object.values(signingOf(authentication)?.fields ?? {}).flatMap(
    ({ variables, fileVariables = [] }) => [...variables, ...fileVariables],
  );
  const places = Object.values(options).flatMap(({ variables }) => variables);
  const keys = [
    named([...keyVariables, ...tokenVariables]),
    ...(parts.length === 0 ? [] : [`or credentials in ${named(parts)}`]),
    ...(places.length === 0 ? [] : [`with options in ${named(places)}`]),
  ].join("; ");
  if (addressVariables === undefined) return keys;
  const addresses = named(addressVariables);
  return `there where ${addresses} or the configuration names it${keys === "" ? "" : `; ${keys}`}`;
}

function named(variables: readonly string[]): string {
  return variables.map((name) => `\`${name}\``).join(", ");
}

function isFree({ free, local }: Provider): boolean {
  return free === true || local !== undefined;
}

function operations(): readonly string[] {
  const all = rows.flatMap(({ upstream }) => upstream.endpoints.map(({ operation }) => operation));
  return [...new Set(all)];
}

function operationCells({ provider, upstream }: Row): readonly string[] {
  const cells = operations().map((operation) =>
    upstream.endpoints
      .filter((endpoint) => endpoint.operation === operation)
      .map(({ dialect, ...scope }) => dialect + scopeOf(scope))
      .join(", "),
  );
  return [`\`${provider.id}\``, ...cells];
}

/** Which of the models an endpoint is for. */
function scopeOf({ models, exceptModels }: Pick<Endpoint, "models" | "exceptModels">): string {
  const scope = [models?.join(", "), exceptModels && `not ${exceptModels.join(", ")}`];
  const said = scope.filter((part) => part !== undefined);
  return said.length === 0 ? "" : ` (${said.join("; ")})`;
}

function markOf(cell: Cell | undefined): string {
  return cell === undefined ? "" : MARKS[cell.kind];
}

function familyRows({ provider }: Row): readonly (readonly string[])[] {
  return (provider.quirks ?? []).flatMap((family) => {
    if (family.models === undefined) return [];
    const names = family.models.map((pattern) => `\`${provider.id}/${pattern}\``).join(" ");
    return [[names, otherwise(family)]];
  });
}

function otherwise({ models: _models, lacks = [], has = [], ...quirks }: FamilyQuirks): string {
  const words = [
    ...(lacks.length === 0 ? [] : [`lacks ${lacks.join(", ")}`]),
    ...(has.length === 0 ? [] : [`has ${has.join(", ")}`]),
    ...Object.entries(quirks).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ];
  return words.join("; ");
}

function errorRows({ provider }: Row): readonly (readonly string[])[] {
  return Object.entries(provider.errorClasses ?? {}).map(([code, errorClass]) => [
    `\`${provider.id}\``,
    `\`${code}\``,
    errorClass.replaceAll("_", " "),
  ]);
}

function table(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...lines.map(line)].join("\n");
}

const INTRODUCTION = `# Providers

Generated by \`tests/providers/providers-table.test.ts\` from \`src/providers\`, each cell by encoding a request; change the code, then run it with \`UPDATE_REFERENCE=1\`. Any other server that speaks a known dialect is configuration alone; \`gatehouse check\` finds out what it can. To build one in: [adding-a-provider.md](adding-a-provider.md).`;
