import { resolve } from "node:path";
import {
  loadSettings,
  type Settings,
  type SettingsRequest,
  type SettingsResult,
} from "../../src/assembly/configuration/load-settings.ts";
import type { Dialect, UpstreamFace } from "../../src/model/dialect.ts";
import type { DialectId } from "../../src/model/dialect-id.ts";
import type { Provider } from "../../src/model/provider.ts";

/** Providers with fixed facts, so that these tests don't change with the real catalog. */
export const catalog: ReadonlyMap<string, Provider> = new Map(
  [
    remote("openai", { variables: ["OPENAI_API_KEY"], defaultModel: "gpt-4.1-mini" }),
    remote("groq", { variables: ["GROQ_API_KEY"], defaultModel: "llama-3.3-70b-versatile" }),
    {
      ...remote("acme", { variables: ["ACME_API_KEY", "ACME_TOKEN"], defaultModel: "acme-1" }),
      authentication: { scheme: "header", name: "X-Api-Key" },
    } satisfies Provider,
    {
      id: "demo",
      title: "demo",
      endpoints: [{ dialect: "openai-chat" }],
      baseUrl: "http://demo.invalid/v1",
      authentication: { scheme: "none" },
      keyVariables: [],
      models: ["demo"],
      defaultModel: "demo",
      local: async () => new Response(),
    } satisfies Provider,
  ].map((provider) => [provider.id, provider]),
);

function remote(id: string, facts: { variables: string[]; defaultModel: string }): Provider {
  return {
    id,
    title: id,
    endpoints: [{ dialect: "openai-chat" }],
    baseUrl: `https://api.${id}.example/v1`,
    authentication: { scheme: "bearer" },
    keyVariables: facts.variables,
    priceDataId: id,
    defaultModel: facts.defaultModel,
    errorClasses: { vendor_code: "quota" },
  };
}

const unused = (): never => {
  throw new Error("not called when a configuration is loaded");
};

function face(operations: UpstreamFace["operations"]): UpstreamFace {
  return { operations, decodeError: unused };
}

const answers = { decodeResponse: unused, scanResponse: unused };

export const dialects: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>([
  ["generate", { id: "generate" }],
  [
    "openai-chat",
    {
      id: "openai-chat",
      upstream: face({ chat: { paths: { whole: "/chat/completions" }, encodeRequest: unused, ...answers } }),
    },
  ],
  [
    "openai-completions",
    { id: "openai-completions", upstream: face({ chat: { paths: { whole: "/completions" }, ...answers } }) },
  ],
  [
    "openai-embeddings",
    {
      id: "openai-embeddings",
      upstream: face({ embedding: { paths: { whole: "/embeddings" }, ...answers } }),
    },
  ],
]);

/** Two models for each provider of the price data. */
export const modelsOf = (priceDataId: string) => [
  { id: `${priceDataId}-small`, contextWindow: 8192 },
  { id: "shared-model" },
];

/** The folder that the tests' paths are relative to; it doesn't exist. */
export const FOLDER = "/case";

/** What one test's world holds. */
export interface World {
  /** The text of gatehouse.yaml; absent for none. */
  readonly text?: string;
  readonly environment?: SettingsRequest["environment"];
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
}

const FIXED = { catalog, dialects };

/** Loads the settings of a small world of its own; `known` are other providers and dialects than those with fixed facts. */
export function loadWorld(
  { text, environment = {}, files = {} }: World,
  known: Pick<SettingsRequest, "catalog" | "dialects"> = FIXED,
): SettingsResult {
  const all = new Map(Object.entries(files).map(([path, content]) => [resolve(FOLDER, path), content]));
  if (text !== undefined) all.set(resolve(FOLDER, "gatehouse.yaml"), text);
  const readFile = (path: string): string => {
    const content = all.get(path);
    if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
    return content;
  };
  return loadSettings({ environment, ...known, readFile, folder: FOLDER });
}

/** The settings of a world in which nothing is wrong. */
export function settingsOf(world: World, known?: Parameters<typeof loadWorld>[1]): Settings {
  const result = loadWorld(world, known);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}
