import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { rejection } from "./anthropic-pair.ts";

/** The model list, as Anthropic's SDK knows it, on the very paths where OpenAI's gets its own. */

setDefaultTimeout(20_000);

const MODELS = Array.from({ length: 45 }, (_, index) => `maker/gate-${index}`);
const CONFIGURATION = `
providers:
  replay: { dialect: openai-chat, base_url: "http://127.0.0.1:9/v1", models: [${MODELS.join(", ")}] }
  openai: { key: sk-upstream-secret-0123456789abcdef, models: [{ name: gpt-4.1, output_limit: 32768 }] }
routes:
  fast: { targets: [replay/maker/gate-1] }
`;

let gateway: GatewayProcess;
let client: Anthropic;

beforeAll(async () => {
  gateway = await startGateway({ configuration: CONFIGURATION });
  client = new Anthropic({ apiKey: gateway.virtualKey, baseURL: gateway.url, maxRetries: 0 });
});
afterAll(() => gateway.dispose());

const ALL = ["fast", ...MODELS.map((name) => `replay/${name}`), "openai/gpt-4.1", "demo/demo"];

test("models.list goes through all pages", async () => {
  for (const limit of [undefined, 1_000, 7]) {
    const listed: string[] = [];
    for await (const model of client.models.list(limit === undefined ? {} : { limit })) {
      expect(model).toMatchObject({ type: "model", display_name: model.id, lifecycle: "active" });
      expect(Number.isNaN(Date.parse(model.created_at))).toBe(false);
      listed.push(model.id);
    }
    expect(listed).toEqual(ALL);
  }
});

test("a page says where it begins, where it ends and whether more follows", async () => {
  const page = await client.models.list({ limit: 2 });
  expect(page).toMatchObject({ has_more: true, first_id: ALL[0], last_id: ALL[1] });
  const back = await client.models.list({ limit: 2, before_id: ALL[3] ?? "" });
  expect(back.data.map(({ id }) => id)).toEqual(ALL.slice(1, 3));
  expect(back.has_more).toBe(true);
  const last = await client.models.list({ after_id: ALL.at(-2) ?? "" });
  expect(last).toMatchObject({ has_more: false, last_id: "demo/demo" });
});

test("models.retrieve finds one by any name, with its limits where they are known", async () => {
  expect(await client.models.retrieve("replay/maker/gate-2")).toMatchObject({
    id: "replay/maker/gate-2",
    max_input_tokens: null,
    max_tokens: null,
  });
  const known = await client.models.retrieve("gpt-4.1");
  expect(known.max_input_tokens).toBeGreaterThan(100_000);
  expect(known.max_tokens).toBe(32_768);
});

test("errors are Anthropic's own there", async () => {
  const missing = await rejection(client.models.retrieve("nobody"));
  expect(missing).toBeInstanceOf(Anthropic.NotFoundError);
  expect(missing).toMatchObject({ type: "not_found_error", requestID: expect.stringMatching(/^req_/) });
  for (const query of [{ limit: 0 }, { after_id: "nobody" }]) {
    expect(await rejection(client.models.list(query))).toBeInstanceOf(Anthropic.BadRequestError);
  }
  const stranger = new Anthropic({ apiKey: "gh_nobody", baseURL: gateway.url, maxRetries: 0 });
  expect(await rejection(stranger.models.list())).toBeInstanceOf(Anthropic.AuthenticationError);
});
