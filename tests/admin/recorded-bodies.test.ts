import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway } from "../process/gateway-process.ts";
import { objectsAt, textAt, valueAt } from "../process/json.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor, type Pair, startPair } from "../process/pair.ts";
import { type Administer, administration } from "./administration.ts";
import { waitForBodies } from "./recorded-call.ts";

setDefaultTimeout(30_000);

const MAX_BYTES = 2_000;
/** Found nowhere but where it is meant to be. */
const PROMPT_WORD = "foxglove-prompt";
const ANSWER_WORD = "larkspur-answer";
const MASTER_KEY = Buffer.from("a master key of thirty-two bytes").toString("base64");

const ANSWER = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "priced",
  choices: [{ index: 0, message: { role: "assistant", content: ANSWER_WORD }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const PROVIDER_ERROR = `{"error":{"message":"${ANSWER_WORD} is overloaded","type":"x"}}`;

let pair: Pair;
let owner: Administer;
const keys: Record<string, string> = {};

beforeAll(async () => {
  pair = await startPair("", { environment: { GATEHOUSE_MASTER_KEY: MASTER_KEY } });
  owner = administration(pair.gateway);
  await pair.upstream.scenarios({
    answered: { body: { kind: "text", text: ANSWER, contentType: "application/json" } },
    overloaded: {
      status: 503,
      body: { kind: "text", text: PROVIDER_ERROR, contentType: "application/json" },
    },
  });
  const recording = { max_bytes: MAX_BYTES, keep_days: 7 };
  await owner("POST", "/admin/v1/projects", { name: "diary", policy: { recording } });
  const narrower = { recording: { max_bytes: 50, keep_days: 1 } };
  for (const [name, project, policy] of [
    ["diary", "diary", {}],
    ["short", "diary", narrower],
    ["silent", "silent", {}],
  ] as const)
    keys[name] = textAt((await owner("POST", "/admin/v1/keys", { project, name, policy })).body, "key");
});
afterAll(() => pair.dispose());

function bodyOf(model: string, more: object = {}): string {
  return JSON.stringify({ model, messages: [{ role: "user", content: PROMPT_WORD }], ...more });
}

async function call(key: string, sent: string, path = "/v1/chat/completions") {
  const answer = await fetch(pair.gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${keys[key]}`, "content-type": "application/json" },
    body: sent,
  });
  return { id: answer.headers.get("x-request-id") ?? "", given: await answer.text() };
}

async function read(id: string, part: string) {
  return owner("GET", `/admin/v1/requests/${id}/bodies/${part}`);
}

describe("recorded bodies", () => {
  test.each([
    ["passed through", "/v1/chat/completions", bodyOf("replay/answered")],
    ["translated", "/generate", JSON.stringify({ model: "replay/answered", prompt: PROMPT_WORD })],
    ["streamed", "/v1/chat/completions", bodyOf("replay/priced", { stream: true })],
  ])("are what the client sent and was given: %s", async (_how, path, sent) => {
    const { id, given } = await call("diary", sent, path);
    await waitForBodies(owner, id);
    const request = await read(id, "request");
    expect(request.body).toMatchObject({
      part: "request",
      encoding: "text",
      content: sent,
      content_type: "application/json",
      is_cut: false,
      bytes: sent.length,
    });
    const answer = await read(id, "answer");
    expect(valueAt(answer.body, "content")).toBe(given.slice(0, MAX_BYTES));
    expect(valueAt(answer.body, "bytes")).toBe(Buffer.byteLength(given));
    const days =
      (Date.parse(textAt(answer.body, "expires_at")) - Date.parse(textAt(answer.body, "recorded_at"))) /
      86_400_000;
    expect(days).toBe(7);
  });

  test("of a call that failed are its prompt and what the provider said", async () => {
    const { id } = await call("diary", bodyOf("replay/overloaded"));
    await waitForBodies(owner, id);
    expect(valueAt((await read(id, "answer")).body, "content")).toBe(PROVIDER_ERROR);
    const refused = await call("diary", bodyOf("nobody/nothing"));
    await waitForBodies(owner, refused.id, 1);
    expect(valueAt((await read(refused.id, "request")).body, "content")).toContain(PROMPT_WORD);
    expect((await read(refused.id, "answer")).status).toBe(404);
  });

  test("are cut, and kept, as the narrowest policy says", async () => {
    const sent = bodyOf("replay/answered");
    const { id } = await call("short", sent);
    await waitForBodies(owner, id);
    const { body } = await read(id, "request");
    expect(body).toMatchObject({ content: sent.slice(0, 50), is_cut: true, bytes: sent.length });
    expect(Date.parse(textAt(body, "expires_at")) - Date.parse(textAt(body, "recorded_at"))).toBe(86_400_000);
  });

  test("are none where the project does not record", async () => {
    const { id } = await call("silent", bodyOf("replay/answered"));
    await waitForLedger(pair.gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome === "ok"),
    );
    const { body } = await owner("GET", `/admin/v1/requests/${id}`);
    expect(valueAt(body, "bodies")).toEqual([]);
    expect((await read(id, "request")).status).toBe(404);
  });

  test("lie in no file as they are", async () => {
    const { id } = await call("diary", bodyOf("replay/answered"));
    await waitForBodies(owner, id);
    const folder = join(pair.gateway.dataFolder, "data");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      for (const word of [PROMPT_WORD, ANSWER_WORD])
        expect([file.name, text.includes(word)]).toEqual([file.name, false]);
    }
    expect(pair.gateway.log()).not.toContain(PROMPT_WORD);
  });

  test("are read by operators and owners, and each reading is in the audit log", async () => {
    const { id } = await call("diary", bodyOf("replay/answered"));
    await waitForBodies(owner, id);
    const made = async (role: string) => {
      const { body } = await owner("POST", "/admin/v1/admin-keys", { name: `a ${role}`, role });
      return administration(pair.gateway, textAt(body, "key"));
    };
    const path = `/admin/v1/requests/${id}/bodies/answer`;
    expect((await (await made("viewer"))("GET", path)).status).toBe(403);
    expect((await (await made("operator"))("GET", path)).status).toBe(200);
    const shown = await pair.gateway.command("requests", "body", id, "answer");
    expect(shown.stdout).toBe(ANSWER);
    const { body } = await owner(
      "GET",
      `/admin/v1/audit-log?resource=recorded_body&resource_id=${id}/answer`,
    );
    const readers = objectsAt(body, "data").map(({ action, actor }) => [
      action,
      valueAt(actor, "kind") === "command-line" ? "the command line" : valueAt(actor, "name"),
    ]);
    expect(readers).toEqual([
      ["read", "the command line"],
      ["read", "a operator"],
    ]);
    expect(JSON.stringify(body)).not.toContain(ANSWER_WORD);
  });

  test("under another master key say so, and open again under their own", async () => {
    const own = await startGateway({
      configuration: configurationFor(pair.upstream.url),
      environment: { GATEHOUSE_MASTER_KEY: MASTER_KEY },
    });
    const administer = administration(own);
    const policy = { recording: { max_bytes: MAX_BYTES, keep_days: 7 } };
    await administer("PATCH", "/admin/v1/projects/default", { policy });
    const answer = await fetch(`${own.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${own.virtualKey}` },
      body: bodyOf("replay/answered"),
    });
    await answer.text();
    const id = answer.headers.get("x-request-id") ?? "";
    // At once: what was recorded is written before the process ends.
    await own.end();
    const path = `/admin/v1/requests/${id}/bodies/request`;
    const statuses: number[] = [];
    for (const key of [Buffer.alloc(32, 7).toString("base64"), MASTER_KEY]) {
      const again = await startGateway({
        dataFolder: own.dataFolder,
        configuration: configurationFor(pair.upstream.url),
        environment: { GATEHOUSE_MASTER_KEY: key },
      });
      const read = await administration(again, own.adminKey)("GET", path);
      statuses.push(read.status);
      if (read.status !== 200) expect(valueAt(read.body, "error", "message")).toContain("another master key");
      await again.end();
    }
    expect(statuses).toEqual([404, 200]);
    await own.dispose();
  });
});
