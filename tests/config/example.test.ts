import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchema } from "../../src/assembly/configuration/json-schema.ts";
import { builtInSchema } from "../../src/assembly/configuration/process-settings.ts";
import { loadWorld, settingsOf } from "./fixtures.ts";

const ROOT = join(import.meta.dir, "../..");
const example = readFileSync(join(ROOT, "gatehouse.example.yaml"), "utf8");

test("the example loads as it is, and says what the defaults are", () => {
  const { configuration } = settingsOf({ text: example });
  const { configuration: usual } = settingsOf({});
  expect({ ...configuration, default_model: undefined, providers: {} }).toEqual({
    ...usual,
    default_model: undefined,
  });
});

test("the example loads with all its settings tried", () => {
  const pem = "-----BEGIN CERTIFICATE-----";
  // What is tried replaces the default written above it.
  const text = example
    .replace(/^ *(trusted_hosts|origins|allow): \[\]\n/gm, "")
    .replace(/^( *)#(?=[^\s#])/gm, "$1");
  const result = loadWorld({
    text,
    environment: { GROQ_API_KEY: "gsk_1" },
    files: { "examples/ca.pem": pem },
  });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems, null, 2));
  const { configuration } = result.settings;
  expect(Object.keys(configuration.providers)).toEqual(["demo", "groq", "my-server"]);
  expect(Object.keys(configuration.routes)).toEqual(["fast", "shared"]);
  expect(configuration.server.trusted_hosts).toEqual(["gateway.example.com"]);
});

test("the prices of docs/prices.md load", () => {
  const [, yaml = ""] =
    /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "docs/prices.md"), "utf8")) ?? [];
  const provider = 'providers: { acme: { dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", key: k } }';
  const { configuration } = settingsOf({ text: `${provider}\n${yaml}` });
  expect(Object.keys(configuration.prices)).toEqual(["acme/*", "acme/large"]);
  expect(configuration.prices["acme/large"]?.periods).toHaveLength(2);
});

test("the routes of docs/routing.md load", () => {
  const blocks = readFileSync(join(ROOT, "docs/routing.md"), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g);
  const server = 'my-server: { dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", key: k }';
  const environment = { OPENAI_API_KEY: "sk-1", GROQ_API_KEY: "g", GROQ_KEY_A: "a", GROQ_KEY_B: "b" };
  for (const [, yaml = ""] of blocks) {
    const text = yaml.startsWith("providers:") ? yaml : `providers:\n${yaml}`;
    const whole = text.replace("providers:\n", `providers:\n  ${server}\n`);
    expect(settingsOf({ text: whole, environment }).configuration.providers).toHaveProperty("my-server");
  }
});

test("docs/reference/gatehouse.schema.json is what `gatehouse config schema` prints", () => {
  const written = readFileSync(join(ROOT, "docs/reference/gatehouse.schema.json"), "utf8");
  expect(written).toBe(`${JSON.stringify(jsonSchema(builtInSchema()), null, 2)}\n`);
});
