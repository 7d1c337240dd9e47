import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { administration } from "../admin/administration.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { objectsAt, textsAt, valueAt } from "../process/json.ts";

/** What a route takes and gives at most, as lists of models tell it: agents cut their conversations by it. */

setDefaultTimeout(20_000);

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGateway({
    configuration: `
providers:
  mine:
    dialect: openai-chat
    base_url: "http://127.0.0.1:9/v1"
    models:
      - { name: small, context_window: 8000, output_limit: 4000 }
      - { name: large, context_window: 200000, output_limit: 64000 }
      - { name: huge, context_window: 1000000, output_limit: 2000 }
      - unknown
routes:
  one: { targets: [mine/small] }
  two: { targets: [mine/small, mine/large, mine/unknown] }
  conditional: { targets: [mine/large, { model: mine/huge, when: { project: big } }] }
  only-conditional: { targets: [{ model: mine/huge, when: { project: big } }] }
  canary: { targets: [mine/large], canary: { target: mine/small, percent: 5 } }
  nobody-knows: { targets: [mine/unknown] }
`,
  });
});
afterAll(() => gateway.dispose());

const EXPECTED: Readonly<Record<string, readonly [window: number | null, output: number | null]>> = {
  one: [8_000, 4_000],
  two: [200_000, 4_000],
  conditional: [200_000, 64_000],
  "only-conditional": [1_000_000, 2_000],
  canary: [200_000, 4_000],
  "nobody-knows": [null, null],
};

async function listed(path: string, headers: Record<string, string>): Promise<unknown> {
  return await (await fetch(gateway.url + path, { headers })).json();
}

test("is told to clients of OpenAI, Anthropic and Google, each in their words", async () => {
  const key = gateway.virtualKey;
  const openai = await listed("/v1/models", { authorization: `Bearer ${key}` });
  const anthropic = await listed("/v1/models", { "x-api-key": key, "anthropic-version": "2023-06-01" });
  const google = await listed("/v1beta/models", { "x-goog-api-key": key });
  for (const [name, [window, output]] of Object.entries(EXPECTED)) {
    const inOpenai = objectsAt(openai, "data").find(({ id }) => id === name);
    const inAnthropic = objectsAt(anthropic, "data").find(({ id }) => id === name);
    const inGoogle = objectsAt(google, "models").find((model) => valueAt(model, "name") === `models/${name}`);
    const inOpenaisWords = ["context_window", "max_completion_tokens"].map(
      (word) => valueAt(inOpenai, word) ?? null,
    );
    expect([name, ...inOpenaisWords]).toEqual([name, window, output]);
    expect([name, valueAt(inAnthropic, "max_input_tokens"), valueAt(inAnthropic, "max_tokens")]).toEqual([
      name,
      window,
      output,
    ]);
    const inGooglesWords = ["inputTokenLimit", "outputTokenLimit"].map(
      (word) => valueAt(inGoogle, word) ?? null,
    );
    expect([name, ...inGooglesWords]).toEqual([name, window, output]);
  }
});

test("is that of the targets which the caller may use", async () => {
  const policy = { models: ["mine/small"] };
  const administer = administration(gateway);
  const { key } = textsAt(
    (await administer("POST", "/admin/v1/keys", { project: "p", name: "s", policy })).body,
    "key",
  );
  const models = await listed("/v1/models", { authorization: `Bearer ${key}` });
  expect(objectsAt(models, "data").find(({ id }) => id === "two")).toMatchObject({
    context_window: 8_000,
  });
});
