import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { type Administer, administration } from "../admin/administration.ts";
import { wholeAnswer } from "../process/chat-answers.ts";
import { textAt, textsAt } from "../process/json.ts";
import { type Pair, startPair } from "../process/pair.ts";

/** The page that the configuration lists for all keys. */
export const CONFIGURED_PAGE = "https://configured.example.com";
export const CHAT = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };
export const USED = { prompt: 20, completion: 50 };

/** What `runMinting` started. */
export let pair: Pair;
export let administer: Administer;

/** A gateway that mints tokens, for the tests of a file. */
export function runMinting(): void {
  setDefaultTimeout(20_000);

  beforeAll(async () => {
    pair = await startPair(
      `server: { cors: { origins: ["${CONFIGURED_PAGE}"] } }\nroutes: { alias: { targets: [replay/priced] } }\n`,
    );
    administer = administration(pair.gateway);
    await pair.upstream.scenario("default", { body: wholeAnswer(USED) });
  });

  afterAll(() => pair.dispose());
}

interface Key {
  readonly id: string;
  readonly key: string;
}

/** A virtual key under a policy. */
export async function keyWith(policy: object = {}, more: object = {}): Promise<Key> {
  const made = await administer("POST", "/admin/v1/keys", {
    project: "frontend",
    name: crypto.randomUUID(),
    policy,
    ...more,
  });
  expect(made.status).toBe(201);
  return textsAt(made.body, "id", "key");
}

interface Minted {
  readonly status: number;
  readonly body: unknown;
}

/** Orders a token with a key. */
export async function mint(
  secret: string,
  order: object = {},
  headers: Record<string, string> = {},
): Promise<Minted> {
  const answer = await fetch(`${pair.gateway.url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ end_user: "user-1", ...order }),
  });
  return { status: answer.status, body: await answer.json() };
}

/** A token that was minted with a key. */
export async function tokenOf(secret: string, order: object = {}): Promise<string> {
  const { status, body } = await mint(secret, order);
  expect({ status, body }).toMatchObject({ status: 201 });
  return textAt(body, "token");
}

/** A chat completion with a token. */
export function call(
  token: string,
  body: object = CHAT,
  headers: Record<string, string> = {},
): Promise<Response> {
  return pair.post("/v1/chat/completions", body, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

/** The code of an answer that is an error. */
export async function codeOf(answer: Response): Promise<string | null> {
  await answer.arrayBuffer();
  return answer.headers.get("x-gatehouse-error");
}

/** The list of models with a token. */
export function models(token: string): Promise<Response> {
  return fetch(`${pair.gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
}
