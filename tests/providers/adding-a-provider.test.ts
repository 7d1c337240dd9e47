import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileSnapshot } from "../../src/assembly/compile/compile-snapshot.ts";
import { loadSettings, type Settings } from "../../src/assembly/configuration/load-settings.ts";
import { commands } from "../../src/cli/index.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Provider } from "../../src/model/provider.ts";
import type { Target } from "../../src/model/snapshot.ts";
import { providers } from "../../src/providers/catalog.ts";
import { targetOf } from "../../src/routing/target.ts";
import { cellOf } from "../translation/cell.ts";
import { featureProbes } from "../translation/feature-probes.ts";
import { acme } from "./acme.ts";

const PAGE = readFileSync(join(import.meta.dir, "../../docs/adding-a-provider.md"), "utf8");

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, found, code = ""]) =>
    found === language ? [code] : [],
  );
}

function settingsFor(text: string | undefined, catalog: ReadonlyMap<string, Provider>): Settings {
  const readFile = (): string => {
    if (text !== undefined) return text;
    throw Object.assign(new Error("no file"), { code: "ENOENT" });
  };
  const environment = { ACME_API_KEY: "key-1" };
  const result = loadSettings({ environment, catalog, dialects, readFile, folder: "/case" });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

function target(settings: Settings, model: string): Target {
  const upstream = compileSnapshot({ settings, dialects, modelsOf: () => [] }).upstreams.get("acme");
  if (upstream === undefined) throw new Error("acme is not served");
  return targetOf(upstream, model);
}

function kindOf(feature: string, { model, quirks }: Target): string | undefined {
  const probe = featureProbes.find((one) => one.feature === feature);
  const face = dialects.get("openai-chat")?.upstream;
  return probe && face && cellOf(probe, face, { model, quirks })?.kind;
}

describe("docs/adding-a-provider.md", () => {
  test("shows the provider that is compiled here", () => {
    const source = readFileSync(join(import.meta.dir, "acme.ts"), "utf8");
    const shown = source
      .replace("../../src/model/provider.ts", "../model/provider.ts")
      .replace("../../src/providers/openai-own-features.ts", "./openai-own-features.ts");
    expect(blocks("ts")).toEqual([shown]);
  });

  test("whose one file and line are enough: found by its variable, asked as it is described", () => {
    const settings = settingsFor(undefined, new Map([...providers, ["acme", acme]]));
    const large = target(settings, "acme-large");
    expect(large.endpoints.chat?.[0]?.url).toBe("https://api.acme.example/v1/chat/completions");
    expect(large.upstream.headers["authorization"]).toBe("Bearer key-1");
    expect(kindOf("log-probabilities", large)).toBe("left-out");
    expect(kindOf("top-k", large)).toBe("carried");
    expect(kindOf("image-base64", large)).toBe("carried");
    expect(kindOf("image-base64", target(settings, "acme-small-2"))).toBe("left-out");
  });

  test("whose configurations load, and say what they are said to", () => {
    const [first, second] = blocks("yaml").map((text) => settingsFor(text, providers));
    if (first === undefined || second === undefined) throw new Error("two configurations are shown");
    const { catalog } = compileSnapshot({ settings: first, dialects, modelsOf: () => [] });
    expect(catalog.find(({ model }) => model === "acme-large")).toMatchObject({ contextWindow: 128_000 });
    expect(kindOf("audio", target(first, "acme-large"))).toBe("left-out");
    expect(kindOf("log-probabilities", target(second, "acme-large"))).toBe("left-out");
    expect(kindOf("image-url", target(second, "acme-small-2"))).toBe("left-out");
    expect(kindOf("top-k", target(second, "acme-small-2"))).toBe("carried");
  });

  test("whose commands there are", () => {
    const named = blocks("sh").flatMap((text) =>
      [...text.matchAll(/\.\/gatehouse (\w+)/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !commands.some((command) => command.name === name))).toEqual([]);
  });
});
