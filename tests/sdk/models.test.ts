import { afterAll, beforeAll, expect, test } from "bun:test";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { openaiClient } from "./clients.ts";

const CONFIGURATION = `
providers:
  replay:
    dialect: openai-chat
    base_url: http://127.0.0.1:9/v1
    key: sk-upstream-secret-0123456789abcdef
    models: [gate-1, maker/gate-2, "maker/family/gate:3"]
  other:
    dialect: openai-chat
    base_url: http://127.0.0.1:9/v1
    models: [gate-1]
routes:
  fast: { targets: [replay/gate-1, other/gate-1] }
`;

let gateway: GatewayProcess;
let openai: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ configuration: CONFIGURATION });
  openai = openaiClient({ url: gateway.url, key: gateway.virtualKey });
});

afterAll(() => gateway.dispose());

test("models.list gives routes and each provider's models, by the names that calls use", async () => {
  const listed = [];
  for await (const model of openai.models.list()) listed.push(model);
  expect(listed.map(({ id, owned_by }) => [id, owned_by])).toEqual([
    ["fast", "gatehouse"],
    ["replay/gate-1", "replay"],
    ["replay/maker/gate-2", "replay"],
    ["replay/maker/family/gate:3", "replay"],
    ["other/gate-1", "other"],
    ["demo/demo", "demo"],
  ]);
  for (const model of listed) {
    expect(model.object).toBe("model");
    expect(model.created).toBeInteger();
  }
});

test("models.retrieve finds each of them, whatever slashes its name has", async () => {
  for await (const model of openai.models.list()) {
    expect(await openai.models.retrieve(model.id)).toEqual(model);
  }
});

test("a path with plain slashes means the same", async () => {
  for (const name of ["replay/gate-1", "replay/maker/gate-2", "replay%2Fmaker%2Fgate-2"]) {
    const response = await fetch(`${gateway.url}/v1/models/${name}`, {
      headers: { authorization: `Bearer ${gateway.virtualKey}` },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty("id", decodeURIComponent(name));
  }
});

test("a bare name that one provider serves is found, an unknown one is not", async () => {
  expect(await openai.models.retrieve("maker/gate-2")).toHaveProperty("id", "replay/maker/gate-2");
  const error = await rejection(openai.models.retrieve("replay/nobody"));
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect(error).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
});

test("a key that is not known gets the SDK's own class of error", async () => {
  const stranger = openaiClient({ url: gateway.url, key: "gh_nobody" });
  expect(await rejection(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError);
});

test("groq-sdk lists and retrieves", async () => {
  const groq = new Groq({ apiKey: gateway.virtualKey, baseURL: gateway.url, maxRetries: 0 });
  const { data } = await groq.models.list();
  expect(data.map(({ id }) => id)).toContain("replay/gate-1");
  expect(await groq.models.retrieve("replay/gate-1")).toHaveProperty("owned_by", "replay");
});

/** The SDK's promises begin their work when they are awaited, which the matcher `rejects` does not see. */
async function rejection(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
