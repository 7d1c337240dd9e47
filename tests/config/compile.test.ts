import { describe, expect, test } from "bun:test";
import project from "../../package.json" with { type: "json" };
import { compileSnapshot } from "../../src/assembly/compile/compile-snapshot.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { dialects, modelsOf, settingsOf, type World } from "./fixtures.ts";

function snapshotOf(world: World): Snapshot {
  return compileSnapshot({ settings: settingsOf(world), dialects, modelsOf });
}

describe("a compiled upstream", () => {
  test("has the full address of each operation, without a doubled slash", () => {
    const text = 'providers: { mine: { dialect: openai-chat, base_url: "http://10.0.0.5:8000/v1/" } }';
    const upstream = snapshotOf({ text }).upstreams.get("mine");
    expect(upstream?.endpoints.map(({ operation, url }) => [operation, url])).toEqual([
      ["chat", "http://10.0.0.5:8000/v1/chat/completions"],
      ["embedding", "http://10.0.0.5:8000/v1/embeddings"],
      ["chat", "http://10.0.0.5:8000/v1/completions"],
    ]);
    expect(upstream?.origin).toBe("http://10.0.0.5:8000");
  });

  test("carries its key as its authentication says", () => {
    const { upstreams } = snapshotOf({ environment: { OPENAI_API_KEY: " sk-1\n", ACME_TOKEN: "t-1" } });
    expect(upstreams.get("openai")?.headers).toEqual({
      "content-type": "application/json",
      "accept-encoding": "identity",
      "user-agent": `gatehouse/${project.version}`,
      authorization: "Bearer sk-1",
    });
    expect(upstreams.get("openai")?.credential).toBe("sk-1");
    expect(upstreams.get("acme")?.headers["x-api-key"]).toBe("t-1");
    expect(upstreams.get("acme")?.headers["authorization"]).toBeUndefined();
    expect(upstreams.get("demo")?.credential).toBeUndefined();
  });

  test("takes what is written over what is built in", () => {
    const text = `
timeouts: { connect_ms: 1000 }
providers:
  openai:
    key: "\${MINE}"
    headers: { X-Team: a }
    ca: file:ca.pem
    proxy: http://proxy:3128
    timeouts: { total_ms: 2000 }
    error_classes: { mine: overloaded, vendor_code: auth }`;
    const files = { "ca.pem": "-----BEGIN CERTIFICATE-----\n" };
    const upstream = snapshotOf({
      text,
      files,
      environment: { MINE: "k", OPENAI_API_KEY: "other" },
    }).upstreams.get("openai");
    expect(upstream?.headers).toMatchObject({ "x-team": "a", authorization: "Bearer k" });
    expect(upstream?.tls).toEqual({ ca: "-----BEGIN CERTIFICATE-----" });
    expect(upstream?.proxy).toBe("http://proxy:3128");
    expect(upstream?.timeouts).toEqual({
      connectMs: 1000,
      firstByteMs: 300_000,
      betweenBytesMs: 120_000,
      totalMs: 2000,
    });
    expect(upstream?.errorClasses).toEqual({ mine: "overloaded", vendor_code: "auth" });
  });
});

describe("a compiled catalog", () => {
  test("joins built-in models and the price data, and a written list replaces both", () => {
    const text = "providers: { groq: { models: [groq-small, mine] } }";
    const { catalog } = snapshotOf({ text, environment: { OPENAI_API_KEY: "k", GROQ_API_KEY: "k" } });
    expect(catalog).toEqual([
      { provider: "groq", model: "groq-small", contextWindow: 8192 },
      { provider: "groq", model: "mine" },
      { provider: "openai", model: "openai-small", contextWindow: 8192 },
      { provider: "openai", model: "shared-model" },
      { provider: "demo", model: "demo" },
    ]);
  });

  test("knows the providers of a bare name", () => {
    const { providersByModel } = snapshotOf({ environment: { OPENAI_API_KEY: "k", GROQ_API_KEY: "k" } });
    expect(providersByModel.get("shared-model")).toEqual(["openai", "groq"]);
    expect(providersByModel.get("groq-small")).toEqual(["groq"]);
    expect(providersByModel.get("unknown")).toBeUndefined();
  });
});

describe("a default model", () => {
  test("is the first remote provider's, else that of the one that answers by itself", () => {
    expect(snapshotOf({}).defaultModel).toBe("demo/demo");
    expect(snapshotOf({ environment: { GROQ_API_KEY: "k" } }).defaultModel).toBe(
      "groq/llama-3.3-70b-versatile",
    );
    expect(
      snapshotOf({ text: "default_model: demo/x", environment: { GROQ_API_KEY: "k" } }).defaultModel,
    ).toBe("demo/x");
  });

  test("of a provider is as written, else the first of a written list, else as built in", () => {
    const base = "dialect: openai-chat, base_url: 'http://h/v1'";
    const text = `providers: { a: { ${base}, models: [x, y], default_model: y }, b: { ${base}, models: [x] }, c: { ${base} } }`;
    const { defaultModels } = snapshotOf({ text });
    expect([...defaultModels]).toEqual([
      ["a", "y"],
      ["b", "x"],
      ["demo", "demo"],
    ]);
  });
});

test("a compiled route joins its targets to their upstreams", () => {
  const text = "routes: { r: { strategy: weighted, targets: [demo/demo, { model: demo/a/b, weight: 2 }] } }";
  const snapshot = snapshotOf({ text });
  const route = snapshot.routes.get("r");
  expect(route?.targets.map(({ target, weight }) => [target.model, target.name, weight])).toEqual([
    ["demo", "demo/demo", 1],
    ["a/b", "demo/a/b", 2],
  ]);
  expect(route?.targets[0]?.target.upstream).toBe(snapshot.upstreams.get("demo"));
});

test("a snapshot is frozen", () => {
  const snapshot = snapshotOf({ text: "routes: { r: { targets: [demo/demo] } }" });
  const upstream = snapshot.upstreams.get("demo");
  const parts = [
    snapshot,
    snapshot.catalog[0],
    snapshot.limits,
    snapshot.stream,
    upstream,
    upstream?.headers,
    upstream?.endpoints[0],
  ];
  for (const part of [...parts, upstream?.timeouts, snapshot.routes.get("r")?.targets[0]])
    expect(Object.isFrozen(part)).toBe(true);
});

test("no list of a snapshot is frozen: reading one is slow", () => {
  const snapshot = snapshotOf({
    text: `
providers: { mine: { dialect: openai-chat, base_url: "https://mine.example/v1", keys: [a, b], models: [m] } }
routes: { r: { tiers: [{ targets: [demo/demo] }, { targets: [mine/m] }] } }`,
  });
  const seen = new Set<unknown>();
  const lists: unknown[][] = [];
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) lists.push(value);
    for (const member of value instanceof Map ? value.values() : Object.values(value)) visit(member);
  };
  visit(snapshot);
  expect(lists.length).toBeGreaterThan(5);
  expect(lists.filter((list) => Object.isFrozen(list))).toEqual([]);
});
