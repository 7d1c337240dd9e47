import { expect, test } from "bun:test";
import { compileSnapshot } from "../../src/assembly/compile/compile-snapshot.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Upstream } from "../../src/model/snapshot.ts";
import { providers } from "../../src/providers/catalog.ts";
import { modelsOf, settingsOf } from "./fixtures.ts";

/** Anthropic as it is built in, and servers that are only alike. */
function upstreamOf(
  id: string,
  environment: Readonly<Record<string, string>>,
  text?: string,
): Upstream | undefined {
  const settings = settingsOf(
    { environment, ...(text !== undefined && { text }) },
    { catalog: providers, dialects },
  );
  return compileSnapshot({ settings, dialects, modelsOf }).upstreams.get(id);
}

test("a key is sent as x-api-key, with the version of the API", () => {
  expect(upstreamOf("anthropic", { ANTHROPIC_API_KEY: "k-1" })).toMatchObject({
    origin: "https://api.anthropic.com",
    headers: { "x-api-key": "k-1", "anthropic-version": "2023-06-01" },
    endpoints: [
      { operation: "chat", url: "https://api.anthropic.com/v1/messages" },
      { operation: "count-tokens", url: "https://api.anthropic.com/v1/messages/count_tokens" },
    ],
  });
});

test("a token that is no key is a bearer's, and used only where there is no key", () => {
  for (const text of [undefined, "providers: { anthropic: {} }"]) {
    const token = upstreamOf("anthropic", { ANTHROPIC_AUTH_TOKEN: "t-1" }, text)?.headers;
    expect(token).toMatchObject({ authorization: "Bearer t-1" });
    expect(token).not.toHaveProperty("x-api-key");
    const both = upstreamOf(
      "anthropic",
      { ANTHROPIC_AUTH_TOKEN: "t-1", ANTHROPIC_API_KEY: "k-1" },
      text,
    )?.headers;
    expect(both).toMatchObject({ "x-api-key": "k-1" });
    expect(both).not.toHaveProperty("authorization");
  }
});

test("a server that is only alike gets its key as Anthropic would", () => {
  const text = `providers: { mine: { dialect: anthropic-messages, base_url: "http://10.0.0.5/v1", key: "\${K}" } }`;
  const upstream = upstreamOf("mine", { K: "k-1" }, text);
  expect(upstream?.headers).toMatchObject({ "x-api-key": "k-1" });
  expect(upstream?.endpoints.map(({ operation, url }) => [operation, url])).toEqual([
    ["chat", "http://10.0.0.5/v1/messages"],
    ["count-tokens", "http://10.0.0.5/v1/messages/count_tokens"],
  ]);
});
