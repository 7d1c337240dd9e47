import { describe, expect, test } from "bun:test";
import type { ActiveProvider } from "../../src/assembly/configuration/active-providers.ts";
import { loadSettings, type SettingsResult } from "../../src/assembly/configuration/load-settings.ts";
import { dialects } from "../../src/dialects/index.ts";
import { providers as catalog } from "../../src/providers/catalog.ts";

function load(environment: Record<string, string>, text?: string): SettingsResult {
  const readFile = (): string => {
    if (text !== undefined) return text;
    throw Object.assign(new Error("no file"), { code: "ENOENT" });
  };
  return loadSettings({ environment, catalog, dialects, readFile, folder: "/case" });
}

function active(environment: Record<string, string>, text?: string): readonly ActiveProvider[] {
  const result = load(environment, text);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.settings.providers;
}

const find = (id: string, environment: Record<string, string>, text?: string): ActiveProvider | undefined =>
  active(environment, text).find((provider) => provider.id === id);

describe("a server of one's own", () => {
  test("is not there by itself", () => {
    expect(active({}).map(({ id }) => id)).toEqual(["demo"]);
    expect(active({ VLLM_API_KEY: "k", LM_API_TOKEN: "t" }).map(({ id }) => id)).toEqual(["demo"]);
  });

  test("is there where its variable says where", () => {
    const addresses: readonly [string, string][] = [
      ["127.0.0.1", "http://127.0.0.1:11434/v1"],
      ["127.0.0.1:9", "http://127.0.0.1:9/v1"],
      [" gpu-box ", "http://gpu-box:11434/v1"],
      ["0.0.0.0", "http://127.0.0.1:11434/v1"],
      ["[::]:5", "http://127.0.0.1:5/v1"],
      ["http://gpu-box:8080", "http://gpu-box:8080/v1"],
      ["https://ollama.example.com", "https://ollama.example.com/v1"],
      ["https://ollama.example.com/api/v1/", "https://ollama.example.com/api/v1"],
    ];
    for (const [written, baseUrl] of addresses) {
      expect(find("ollama", { OLLAMA_HOST: written })).toMatchObject({ baseUrl, because: "environment" });
    }
  });

  test("is there where the configuration names it, at its usual address or another", () => {
    expect(find("ollama", {}, "providers: { ollama: {} }")).toMatchObject({
      baseUrl: "http://127.0.0.1:11434/v1",
      because: "file",
    });
    const text = "providers: { ollama: { base_url: 'http://box:1/v1' } }";
    expect(find("ollama", { OLLAMA_HOST: "other" }, text)?.baseUrl).toBe("http://box:1/v1");
  });

  test("is sent its key where it has one", () => {
    const environment = { VLLM_BASE_URL: "http://box:8000/v1", VLLM_API_KEY: "token-1" };
    expect(find("vllm", environment)).toMatchObject({ key: "token-1", authentication: { scheme: "bearer" } });
    expect(find("vllm", { VLLM_BASE_URL: "box" })?.key).toBeUndefined();
    const text = "providers: { llamacpp: { key: k } }";
    expect(find("llamacpp", {}, text)).toMatchObject({ key: "k", authentication: { scheme: "bearer" } });
  });

  test("that a route names must be there", () => {
    const text = "routes: { r: { targets: [ollama/llama3.2] } }";
    expect(load({}, text)).toMatchObject({
      problems: [
        {
          path: "routes.r.targets[0]",
          message: expect.stringContaining("names the provider ollama, which is not switched on"),
          mend: "Set OLLAMA_HOST before starting, or write `providers: { ollama: {} }` for http://127.0.0.1:11434/v1.",
        },
      ],
    });
    expect("settings" in load({ OLLAMA_HOST: "box" }, text)).toBe(true);
  });

  test("whose variable holds no address is told", () => {
    for (const written of ["a b", "http://", "http://u:p@h", "h?x=1"]) {
      expect(load({ OLLAMA_HOST: written })).toMatchObject({
        problems: [{ path: "OLLAMA_HOST", message: "must be an http address" }],
      });
    }
  });
});
