import { describe, expect, test } from "bun:test";
import { compileSnapshot } from "../../src/assembly/compile/compile-snapshot.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import { targetOf } from "../../src/routing/target.ts";
import { dialects, loadWorld, modelsOf, settingsOf } from "./fixtures.ts";

function quirksOf(text: string, model: string, provider = "a"): Quirks {
  const snapshot = compileSnapshot({ settings: settingsOf({ text }), dialects, modelsOf });
  const upstream = snapshot.upstreams.get(provider);
  if (upstream === undefined) throw new Error("not served");
  return targetOf(upstream, model).quirks;
}

/** What a server is taken to lack of which nothing is said. */
const USUAL = ["free-form-tools", "allowed-tools"] as const;

const custom = (rest: string): string =>
  `providers:\n  a:\n    dialect: openai-chat\n    base_url: http://h/v1\n${rest}`;

describe("what is written about models", () => {
  test("holds for those that fit; a later entry wins, in both directions", () => {
    const text = custom(`    capabilities:
      - { lacks: [seed, tools] }
      - { models: ["big-*"], has: [tools, top-k] }
      - { models: [big-1], lacks: [top-k] }
`);
    expect(quirksOf(text, "small")).toEqual({ lacks: [...USUAL, "seed", "tools"] });
    expect(quirksOf(text, "big-2")).toEqual({ lacks: [...USUAL, "seed"], has: ["tools", "top-k"] });
    expect(quirksOf(text, "big-1")).toEqual({ lacks: [...USUAL, "seed", "top-k"], has: ["tools"] });
  });

  test("goes before what its server is taken for", () => {
    const text = custom("    capabilities:\n      - { has: [free-form-tools] }\n");
    expect(quirksOf(text, "m")).toEqual({ lacks: ["allowed-tools"], has: ["free-form-tools"] });
  });

  test("what a model takes, and how long its answers may be", () => {
    const text = custom(`    models:
      - plain
      - { name: eyes, context_window: 1000, output_limit: 100, input: [text, image] }
`);
    expect(quirksOf(text, "plain")).toEqual({ lacks: [...USUAL] });
    expect(quirksOf(text, "eyes")).toEqual({
      lacks: [...USUAL, "audio", "video", "document-url", "document-base64"],
      outputLimit: 100,
    });
    const { catalog, defaultModels } = compileSnapshot({
      settings: settingsOf({ text }),
      dialects,
      modelsOf,
    });
    expect(catalog.filter(({ provider }) => provider === "a")).toEqual([
      { provider: "a", model: "plain" },
      { provider: "a", model: "eyes", contextWindow: 1000, outputLimit: 100, input: ["text", "image"] },
    ]);
    expect(defaultModels.get("a")).toBe("plain");
  });

  test("words that there are not are told with those that there are", () => {
    const result = loadWorld({
      text: custom(
        "    capabilities:\n      - { lacks: [sead] }\n    models: [{ name: m, input: [smell] }]\n",
      ),
    });
    if (!("problems" in result)) throw new Error("it was taken");
    expect(result.problems.map(({ path, mend }) => `${path} ${mend}`)).toEqual([
      expect.stringMatching(/^providers\.a\.capabilities\[0\]\.lacks\[0\] Did you mean `seed`\?/),
      expect.stringContaining("providers.a.models[0]"),
    ]);
  });

  test("the default model must be among those listed, however they are", () => {
    const text = custom("    models: [{ name: m }]\n    default_model: n\n");
    expect(loadWorld({ text })).toMatchObject({ problems: [{ path: "providers.a.default_model" }] });
    expect("settings" in loadWorld({ text: text.replace("_model: n", "_model: m") })).toBe(true);
  });
});
