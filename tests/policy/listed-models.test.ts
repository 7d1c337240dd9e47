import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { administration } from "../admin/administration.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { textAt } from "../process/json.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** A list of models names exactly what its caller may use, whatever member of whatever policy says so. */

setDefaultTimeout(20_000);

let upstream: ReplayServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = await startReplayServer();
  const at = `dialect: openai-chat, base_url: "${upstream.url}/v1", key: sk-upstream-secret-0123456789abcdef`;
  gateway = await startGateway({
    configuration: `
providers:
  east: { ${at}, region: eu-east, models: [small, large] }
  west: { ${at}, region: us-west, models: [small] }
  nowhere: { ${at}, models: [small] }
routes:
  both: { targets: [east/small, west/small] }
  moved: { targets: [{ model: nowhere/small, region: eu-north }] }
  tried: { targets: [west/small], canary: { target: east/large, percent: 50 } }
`,
  });
});
afterAll(async () => {
  await gateway?.dispose();
  await upstream?.stop();
});

const EVERYTHING = [
  "both",
  "moved",
  "tried",
  "east/small",
  "east/large",
  "west/small",
  "nowhere/small",
  "demo/demo",
];

const CASES: readonly [string, object, readonly string[]][] = [
  ["no policy", {}, EVERYTHING],
  ["models by the targets' names", { models: ["east/*"] }, ["both", "east/small", "east/large"]],
  ["models by a route's alias", { models: ["moved"] }, ["moved"]],
  ["providers", { providers: ["west"] }, ["both", "tried", "west/small"]],
  ["regions", { regions: ["eu-*"] }, ["both", "moved", "east/small", "east/large"]],
  ["providers and models of all ways", { providers: ["east", "west"], models: ["tried"] }, ["tried"]],
  ["regions and providers", { regions: ["eu-*"], providers: ["nowhere"] }, ["moved"]],
  ["operations that are all served", { operations: ["chat"] }, EVERYTHING],
  [
    "operations that one serves not",
    { operations: ["embedding"] },
    EVERYTHING.filter((name) => name !== "demo/demo"),
  ],
  ["operations that nobody serves", { operations: ["no-such"] }, []],
  ["what leaves nothing", { models: ["east/large"], providers: ["west"] }, []],
];

async function keyUnder(policy: object): Promise<string> {
  const order = { project: "p", name: crypto.randomUUID(), policy };
  const made = await administration(gateway)("POST", "/admin/v1/keys", order);
  expect(made.status).toBe(201);
  return textAt(made.body, "key");
}

async function get(path: string, headers: Record<string, string>) {
  const answer = await fetch(gateway.url + path, { headers });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

test.each(CASES)("%s", async (_name, policy, expected) => {
  const key = await keyUnder(policy);
  const bearer = { authorization: `Bearer ${key}` };
  const openai = await get("/v1/models", bearer);
  expect(openai.body.data.map(({ id }: { id: string }) => id)).toEqual(expected);
  const anthropic = await get("/v1/models", { "x-api-key": key, "anthropic-version": "2023-06-01" });
  expect(anthropic.body.data.map(({ id }: { id: string }) => id)).toEqual(expected);
  const google = await get("/v1beta/models", { "x-goog-api-key": key });
  expect(google.body.models.map(({ name }: { name: string }) => name)).toEqual(
    expected.map((name) => `models/${name}`),
  );
  for (const name of EVERYTHING)
    expect([name, (await get(`/v1/models/${name}`, bearer)).status]).toEqual([
      name,
      expected.includes(name) ? 200 : 404,
    ]);
});

test.each(CASES.filter(([, policy]) => !("operations" in policy)))(
  "%s: what is listed is served, and nothing else is",
  async (_name, policy, expected) => {
    const key = await keyUnder(policy);
    for (const model of EVERYTHING) {
      // Some ways of it lead to where the caller may not go, and which one a call takes is not the caller's choice.
      if (model === "tried" && !expected.includes(model)) continue;
      const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
      });
      await answer.arrayBuffer();
      expect([model, answer.status < 300]).toEqual([model, expected.includes(model)]);
    }
  },
);

test("a list says of each model what its caller may ask it for", async () => {
  const key = await keyUnder({ operations: ["chat"] });
  const { body } = await get("/v1beta/models/east/small", { "x-goog-api-key": key });
  expect(body.supportedGenerationMethods).toEqual(["generateContent", "streamGenerateContent"]);
});
