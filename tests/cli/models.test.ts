import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runGatehouse } from "../process/gateway-process.ts";

setDefaultTimeout(20_000);

const folder = mkdtempSync(join(tmpdir(), "gatehouse-models-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONFIGURATION = `
providers:
  mine:
    dialect: openai-chat
    base_url: http://127.0.0.1:9/v1
    models: [plain, { name: eyes, context_window: 32000, output_limit: 4000, input: [text, image] }]
prices:
  mine/eyes: { input: 1.5, output: 3 }
  groq/openai/gpt-oss-20b: { input: 7, output: 8 }
  groq/unlisted: { input: 1, output: 2, cached_input: 0.5 }
`;

function run(...words: readonly string[]): Promise<CommandResult> {
  writeFileSync(join(folder, "gatehouse.yaml"), CONFIGURATION);
  return runGatehouse(words, { GROQ_API_KEY: "gsk_test" }, folder);
}

async function rows(...words: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  return JSON.parse((await run(...words, "--json")).stdout);
}

describe("gatehouse models", () => {
  test("tells what is known and says of the rest that it is unknown", async () => {
    const { stdout, exitCode } = await run("models", "--provider", "mine");
    expect(exitCode).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ["model", "context", "output", "takes", "input $/M", "output $/M", "price from"],
      ["mine/plain", "unknown", "unknown", "unknown", "unknown", "unknown"],
      ["mine/eyes", "32000", "4000", "text, image", "1.5", "3", "override"],
    ]);
  });

  test("as JSON, null for what is unknown; by a part of the name", async () => {
    expect(await rows("models", "mine*plain")).toEqual([
      {
        provider: "mine",
        model: "plain",
        contextWindow: null,
        outputLimit: null,
        input: null,
        inputPrice: null,
        outputPrice: null,
        priceSource: null,
      },
    ]);
    const oss = await rows("models", "gpt-oss");
    expect(oss.map(({ model, inputPrice, priceSource }) => [model, inputPrice, priceSource])).toEqual([
      ["openai/gpt-oss-120b", expect.any(String), "price data"],
      ["openai/gpt-oss-20b", "7", "override"],
    ]);
  });

  test("a model that only has a price is one; nothing found says so", async () => {
    expect(await rows("models", "unlisted")).toMatchObject([{ provider: "groq", inputPrice: "1" }]);
    const { stdout } = await run("models", "no-such-thing");
    expect(stdout).toBe("No model is known for that. Others can be named all the same: provider/model.\n");
  });
});

test("stored prices count too", async () => {
  await run("prices", "set", "mine/plain", "--input", "4", "--output", "5");
  expect(await rows("models", "mine/plain")).toMatchObject([{ inputPrice: "4", priceSource: "override" }]);
  expect(await rows("prices", "mine/plain")).toMatchObject([{ source: "override" }]);
  await run("prices", "unset", "mine/plain");
  expect(await rows("models", "mine/plain")).toMatchObject([{ inputPrice: null }]);
});

describe("gatehouse prices", () => {
  test("providers that are not configured are listed too, once, by our names for them", async () => {
    const grok = await rows("prices", "grok-4.3");
    expect(grok.map(({ provider }) => provider)).toContain("xai");
    expect(grok.map(({ provider }) => provider)).not.toContain("x-ai");
    expect(await rows("prices", "mine/plain")).toEqual([]);
  });
});
