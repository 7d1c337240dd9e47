import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DialectId } from "../../src/model/dialect-id.ts";
import { providers } from "../../src/providers/catalog.ts";
import { compiled, keyOf } from "./compiled.ts";

/** Where each vendor's documentation has its chat completions and how it has the key sent; see the provider's file. */
const DOCUMENTED: { readonly [id: string]: readonly [url: string, key: "bearer" | "none"] } = {
  openai: ["https://api.openai.com/v1/chat/completions", "bearer"],
  groq: ["https://api.groq.com/openai/v1/chat/completions", "bearer"],
  mistral: ["https://api.mistral.ai/v1/chat/completions", "bearer"],
  deepseek: ["https://api.deepseek.com/chat/completions", "bearer"],
  xai: ["https://api.x.ai/v1/chat/completions", "bearer"],
  together: ["https://api.together.ai/v1/chat/completions", "bearer"],
  fireworks: ["https://api.fireworks.ai/inference/v1/chat/completions", "bearer"],
  openrouter: ["https://openrouter.ai/api/v1/chat/completions", "bearer"],
  perplexity: ["https://api.perplexity.ai/chat/completions", "bearer"],
  cerebras: ["https://api.cerebras.ai/v1/chat/completions", "bearer"],
  moonshot: ["https://api.moonshot.ai/v1/chat/completions", "bearer"],
  alibaba: ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions", "bearer"],
  nvidia: ["https://integrate.api.nvidia.com/v1/chat/completions", "bearer"],
  huggingface: ["https://router.huggingface.co/v1/chat/completions", "bearer"],
  ollama: ["http://127.0.0.1:11434/v1/chat/completions", "none"],
  vllm: ["http://127.0.0.1:8000/v1/chat/completions", "bearer"],
  lmstudio: ["http://127.0.0.1:1234/v1/chat/completions", "bearer"],
  llamacpp: ["http://127.0.0.1:8080/v1/chat/completions", "none"],
};

describe("compiled as the vendor documents it", () => {
  for (const [id, [url, scheme]] of Object.entries(DOCUMENTED)) {
    test(id, () => {
      const provider = providers.get(id);
      const upstream = provider && compiled(provider);
      if (provider === undefined || upstream === undefined) throw new Error(`${id} is not served`);
      const chat = upstream.endpoints.find(
        ({ operation, dialect }) => operation === "chat" && dialect === "openai-chat",
      );
      expect(chat?.url).toBe(url);
      expect(chat?.streamUrl).toBe(url);
      expect(upstream.headers).toEqual({
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": expect.stringMatching(/^gatehouse\//),
        ...(scheme === "bearer" && { authorization: `Bearer ${keyOf(provider)}` }),
      });
    });
  }
});

/** What else they are documented to speak, for clients of the same dialect. */
const ALSO: readonly (readonly [id: string, dialect: DialectId, url: string])[] = [
  ["xai", "openai-responses", "https://api.x.ai/v1/responses"],
  ["fireworks", "openai-responses", "https://api.fireworks.ai/inference/v1/responses"],
  ["openrouter", "openai-responses", "https://openrouter.ai/api/v1/responses"],
  ["deepseek", "anthropic-messages", "https://api.deepseek.com/anthropic/v1/messages"],
  ["fireworks", "anthropic-messages", "https://api.fireworks.ai/inference/v1/messages"],
  ["openrouter", "anthropic-messages", "https://openrouter.ai/api/v1/messages"],
  ["vllm", "anthropic-messages", "http://127.0.0.1:8000/v1/messages"],
  ["ollama", "anthropic-messages", "http://127.0.0.1:11434/v1/messages"],
  ["lmstudio", "anthropic-messages", "http://127.0.0.1:1234/v1/messages"],
  ["llamacpp", "anthropic-messages", "http://127.0.0.1:8080/v1/messages"],
  ["together", "rerank", "https://api.together.ai/v1/rerank"],
  ["fireworks", "rerank", "https://api.fireworks.ai/inference/v1/rerank"],
  ["openrouter", "rerank", "https://openrouter.ai/api/v1/rerank"],
  ["vllm", "rerank", "http://127.0.0.1:8000/v1/rerank"],
  ["llamacpp", "rerank", "http://127.0.0.1:8080/v1/rerank"],
  ["cerebras", "openai-completions", "https://api.cerebras.ai/v1/completions"],
];

test.each(ALSO)("%s speaks %s at %s", (id, dialect, url) => {
  const provider = providers.get(id);
  const { endpoints = [] } = (provider && compiled(provider)) ?? {};
  const found = endpoints.filter((endpoint) => endpoint.dialect === dialect);
  expect(found.find(({ operation }) => operation !== "count-tokens")?.url).toBe(url);
  // What is said in another dialect goes on to its chat completions.
  const translated = endpoints.find(({ operation }) => operation === "chat");
  expect(translated?.dialect).toBe("openai-chat");
});

test("tokens are counted where the server is documented to count them", () => {
  const counting = ALSO.filter(([, dialect]) => dialect === "anthropic-messages").flatMap(([id]) => {
    const provider = providers.get(id);
    const { endpoints = [] } = (provider && compiled(provider)) ?? {};
    return endpoints.filter(({ operation }) => operation === "count-tokens").map(({ url }) => [id, url]);
  });
  expect(counting).toEqual([
    ["vllm", "http://127.0.0.1:8000/v1/messages/count_tokens"],
    ["llamacpp", "http://127.0.0.1:8080/v1/messages/count_tokens"],
  ]);
});

test("anthropic", () => {
  const provider = providers.get("anthropic");
  const { endpoints = [], headers, modelList } = (provider && compiled(provider)) ?? {};
  expect(endpoints.map(({ operation, url, streamUrl }) => [operation, url, streamUrl === url])).toEqual([
    ["chat", "https://api.anthropic.com/v1/messages", true],
    ["count-tokens", "https://api.anthropic.com/v1/messages/count_tokens", true],
  ]);
  expect(headers).toMatchObject({ "x-api-key": "key-of-anthropic", "anthropic-version": "2023-06-01" });
  expect(headers).not.toHaveProperty("authorization");
  expect(modelList?.url).toBe("https://api.anthropic.com/v1/models?limit=1000");
});

test("a provider that only speaks known dialects is under 40 lines", () => {
  const folder = join(import.meta.dir, "../../src/providers");
  const long = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && providers.has(name.slice(0, -".ts".length)))
    .filter((name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n").length >= 40);
  expect(long).toEqual([]);
});

test("no two providers are found by the same variables", () => {
  const variables = [...providers.values()].flatMap(
    ({ keyVariables, tokenVariables = [], addressVariables = [], options = {} }) =>
      [...keyVariables, ...tokenVariables, ...addressVariables].map((name) =>
        [name, ...Object.keys(options)].join(" "),
      ),
  );
  expect(variables.filter((variable, index) => variables.indexOf(variable) !== index)).toEqual([]);
});
