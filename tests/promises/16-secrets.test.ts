import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resources } from "../../src/assembly/administration.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(20_000);

/** No pattern knows its shape: only care keeps it in. */
const PROVIDER_KEY = "zq7xUnshapedCredential0042abcdef";
/** In its own guise and, decoded, in no other. */
const MASTER_KEY = Buffer.from("zq7x master key of thirty-two by").toString("base64");
/** Entered by the API, by the command line, and written in the configuration itself. */
const ENTERED_KEY = "zq7xEnteredByTheApi0043abcdef";
const COMMANDED_KEY = "zq7xEnteredByCommand0044abcdef";
const LITERAL_KEY = "zq7xWrittenInTheFile0045abcdef";
const MESSAGES = [{ role: "user", content: "hello" }];

let upstream: ReplayServer;
let gateway: GatewayProcess;
/** Every text that must not show, by what it is. */
const secrets = new Map<string, string>();
/** All that clients and administrators were answered, with the call that it answered. */
const answers: { readonly call: string; readonly text: string }[] = [];

beforeAll(async () => {
  upstream = await startReplayServer();
  gateway = await startGateway({
    configuration: [
      "log: { level: debug }",
      "providers:",
      "  replay:",
      "    dialect: openai-chat",
      `    base_url: ${upstream.url}/v1`,
      '    key: "${PROVIDER_KEY}"',
      `  literal: { dialect: openai-chat, base_url: "https://llm.example.com/v1", key: ${LITERAL_KEY} }`,
      "",
    ].join("\n"),
    environment: { PROVIDER_KEY, GATEHOUSE_MASTER_KEY: MASTER_KEY },
  });
  secrets.set("provider key", PROVIDER_KEY);
  secrets.set("key entered by the API", ENTERED_KEY);
  secrets.set("key entered by the command line", COMMANDED_KEY);
  secrets.set("key written in the configuration", LITERAL_KEY);
  secrets.set("master key", MASTER_KEY);
  secrets.set("master key's bytes", atob(MASTER_KEY));
  secrets.set("virtual key", gateway.virtualKey);
  secrets.set("admin key", gateway.adminKey);
  await upstream.scenarios(QUOTING);
  await session();
}, 30_000);
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const quoted = `Incorrect API key provided: ${PROVIDER_KEY}. Authorization: Bearer ${PROVIDER_KEY}`;
const refusal = (status: number): Scenario => ({
  status,
  headers: { "www-authenticate": `Bearer ${PROVIDER_KEY}`, "x-api-key": PROVIDER_KEY, "retry-after": "1" },
  body: {
    kind: "text",
    contentType: "application/json",
    text: JSON.stringify({ error: { message: quoted, type: "invalid_request_error", code: null } }),
  },
});
const errorEvent = (code: number | null, message = quoted) =>
  JSON.stringify({ error: { message, type: "server_error", code } });

/** A provider that quotes the credential wherever one ever has. */
const QUOTING: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries([400, 401, 403, 404, 408, 422, 429, 500, 503, 529].map((s) => [`s${s}`, refusal(s)])),
  "plain-text": { status: 500, body: { kind: "text", contentType: "text/plain", text: quoted } },
  html: { status: 502, body: { kind: "text", contentType: "text/html", text: `<p>${quoted}</p>` } },
  detail: {
    status: 400,
    body: { kind: "text", contentType: "application/json", text: JSON.stringify({ detail: quoted }) },
  },
  "error-in-200": { body: { kind: "text", contentType: "application/json", text: errorEvent(null) } },
  "not-an-answer": {
    body: { kind: "text", contentType: "application/json", text: JSON.stringify({ hello: quoted }) },
  },
  "not-json": { body: { kind: "text", contentType: "application/json", text: `oops ${quoted}` } },
  redirect: { fault: { kind: "redirect", location: `${"http://127.0.0.1:1"}/?key=${PROVIDER_KEY}` } },
  "error-first": { fault: { kind: "error-first", payload: errorEvent(null) } },
  "error-first-401": { fault: { kind: "error-first", payload: errorEvent(401) } },
  "error-first-429": { fault: { kind: "error-first", payload: errorEvent(429) } },
  "error-mid": { fault: { kind: "error-mid-stream", afterEvents: 2, payload: errorEvent(null) } },
  "error-mid-split": {
    split: "every-byte",
    fault: { kind: "error-mid-stream", afterEvents: 2, payload: errorEvent(503) },
  },
  "not-a-stream": { body: { kind: "text", contentType: "text/event-stream", text: quoted } },
  reset: { fault: { kind: "reset-before-headers" } },
  well: {},
};

/** Everything that may go well or wrong, once. */
async function session(): Promise<void> {
  for (const model of Object.keys(QUOTING)) {
    for (const stream of [false, true]) {
      await call("/v1/chat/completions", { model: `replay/${model}`, messages: MESSAGES, stream });
      await call("/generate", { prompt: "hello", model: `replay/${model}`, stream });
    }
  }
  await malformed();
  await administration();
}

/** Keys in places where no key belongs, and bodies that break where one stands. */
async function malformed(): Promise<void> {
  const { virtualKey, adminKey } = gateway;
  for (const key of [virtualKey, adminKey]) {
    for (const authorization of [
      `Bearer ${key}x`,
      `bearer  ${key} ${key}`,
      `Basic ${key}`,
      key,
      `Bearer "${key}"`,
    ]) {
      await ask("GET", "/v1/models", { headers: { authorization } });
    }
    await ask("GET", "/v1/models", { headers: { "x-api-key": `${key}${key}` } });
    await ask("GET", `/nothing/${key}`, {});
    await ask("GET", `/nothing/Bearer%20${key}`, {});
    await ask("GET", `/v1/chat/completions?key=${key}`, {});
    await ask("POST", "/v1/chat/completions", {
      headers: bearer(virtualKey),
      body: `{"key": "${key}", "model": `,
    });
    await ask("POST", "/generate", {
      headers: bearer(virtualKey),
      body: JSON.stringify({ prompt: 1, api_key: key }),
    });
    await ask("POST", "/admin/v1/keys", {
      headers: bearer(adminKey),
      body: JSON.stringify({ project: key.repeat(9) }),
    });
    await ask("POST", "/admin/v1/keys", { headers: bearer(adminKey), body: `{"project": ${key}` });
    await ask("GET", "/v1/models", { headers: { ...bearer(virtualKey), origin: `https://${key}.example` } });
  }
  await ask("GET", "/metrics", { headers: bearer(virtualKey) });
}

async function administration(): Promise<void> {
  const headers = bearer(gateway.adminKey);
  const created = await fetch(`${gateway.url}/admin/v1/keys`, {
    method: "POST",
    headers,
    body: JSON.stringify({ project: "p", name: "by api" }),
  });
  const { id, key } = (await created.json()) as { id: string; key: string };
  secrets.set("key made by the API", key);
  const { stdout } = await gateway.command("keys", "create", "--project", "p", "--json");
  secrets.set("key made by the command line", (JSON.parse(stdout) as { key: string }).key);
  const rotated = await fetch(`${gateway.url}/admin/v1/keys/${id}/rotate`, { method: "POST", headers });
  secrets.set("key rotated by the API", ((await rotated.json()) as { key: string }).key);
  const order = JSON.stringify({ name: "n", role: "owner" });
  const admin = await fetch(`${gateway.url}/admin/v1/admin-keys`, { method: "POST", headers, body: order });
  secrets.set("admin key made by the API", ((await admin.json()) as { key: string }).key);
  await providers(headers);
  for (const { method, path } of resources) {
    const filled = path.replace(":id", id).replace(":name", "p").replace(":number", "1");
    if (method === "GET") await ask("GET", filled, { headers });
  }
  for (const path of ["/metrics", "/admin/openapi.json", "/admin/docs"]) await ask("GET", path, { headers });
  await ask("DELETE", `/admin/v1/keys/${id}`, { headers });
  await ask("GET", "/v1/models", { headers: bearer(key) });
}

/** Providers' keys are entered, moved and refused, and revisions made of the configuration that holds one. */
async function providers(headers: Record<string, string>): Promise<void> {
  const post = (path: string, body: object) => ask("POST", path, { headers, body: JSON.stringify(body) });
  const settings = { dialect: "openai-chat", base_url: "https://other.example.com/v1" };
  await post("/admin/v1/providers", { id: "entered", settings, secret: ENTERED_KEY });
  await post("/admin/v1/providers/entered/secret", { secret: ENTERED_KEY });
  await post("/admin/v1/providers/replay/secret", { secret: ENTERED_KEY });
  await post("/admin/v1/providers/entered/secret", { secret: `${ENTERED_KEY} ${ENTERED_KEY}` });
  const moved = JSON.stringify({ settings: { base_url: "https://evil.example.com/v1" } });
  await ask("PATCH", "/admin/v1/providers/literal", { headers, body: moved });
  for (const text of [
    `key: ${LITERAL_KEY}`,
    `providers: { x: { key: [${LITERAL_KEY}] } }`,
    `"${LITERAL_KEY}`,
  ])
    for (const path of ["check", "apply"]) await post(`/admin/v1/config/${path}`, { text });
  await post("/admin/v1/config/rollback", {});
  const file = join(gateway.dataFolder, "commanded.txt");
  writeFileSync(file, COMMANDED_KEY);
  const set = ["providers", "secret", "set", "groq", "--file", file] as const;
  const { exitCode, stdout, stderr } = await gateway.command(...set);
  expect(exitCode).toBe(0);
  answers.push({ call: "secret set: 200", text: stdout + stderr });
}

describe("16: no secret shows", () => {
  test("the session did what it should", async () => {
    const statuses = new Set(answers.map(({ call: said }) => said.slice(-3)));
    for (const status of ["200", "400", "401", "403", "404", "429", "502", "503"])
      expect(statuses).toContain(status);
    const calls = await upstream.calls();
    expect(calls.length).toBe(Object.keys(QUOTING).length * 4);
    expect(JSON.stringify(calls.map(({ headers }) => headers))).toContain(PROVIDER_KEY);
  });

  test("in no answer to a client or an administrator", () => {
    const leaks = answers.flatMap(({ call: said, text }) => leaksIn(text).map((leak) => `${said}: ${leak}`));
    expect(leaks).toEqual([]);
  });

  test("in the log, where every call is told", async () => {
    await waitUntil(() => gateway.log().split('"msg":"call"').length > Object.keys(QUOTING).length * 4);
    await waitUntil(() => gateway.log().includes('"code":"revoked_key"'));
    const leaks = gateway.log().split("\n").flatMap(leaksIn);
    expect(leaks).toEqual([]);
    expect(gateway.log()).toContain("[redacted]");
  });

  test("among what is printed, but for the first start's one showing", () => {
    const count = (text: string) => gateway.printed.split(text).length - 1;
    expect([count(gateway.adminKey), count(gateway.virtualKey), count(PROVIDER_KEY)]).toEqual([1, 2, 0]);
  });

  test("in no file of the data folder, and only the owner can read them", async () => {
    await waitForLedger(gateway, ({ requests }) => requests.length >= Object.keys(QUOTING).length * 4);
    const folder = join(gateway.dataFolder, "data");
    expect(mode(folder)).toBe(0o700);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    expect(files).toContain("gatehouse.db");
    expect(files.some((file) => file.includes("journal"))).toBe(true);
    for (const file of files) {
      const path = join(folder, file);
      if (statSync(path).isDirectory()) {
        expect([file, mode(path)]).toEqual([file, 0o700]);
        continue;
      }
      expect([file, mode(path)]).toEqual([file, 0o600]);
      expectNone(readFileSync(path, "latin1"), file);
    }
  });

  test("in what the command line prints", async () => {
    const commands = [
      ["config", "check"],
      ["config", "schema"],
      ["keys", "list"],
      ["keys", "list", "--json"],
      ["keys", "show", "by api", "--json"],
      ["admin-keys", "list", "--json"],
      ["projects", "show", "p", "--json"],
      ["audit", "--json", "--limit", "1000"],
      ["usage"],
      ["providers", "secret", "list", "--json"],
      ["config", "show"],
      ["config", "revisions", "--json"],
      ["config", "diff", "--from", "1"],
    ];
    await Promise.all(
      commands.map(async (words) => {
        const { stdout, stderr } = await gateway.command(...words);
        expectNone(stdout + stderr, words.join(" "));
      }),
    );
    const { stdout } = await gateway.command("keys", "list", "--json");
    expect(stdout).not.toContain("digest");
    expect((await gateway.command("config", "check")).stdout).toContain("key from PROVIDER_KEY");
  }, 60_000);

  test("at a second start", async () => {
    expect(await gateway.end()).toBe(0);
    expectNone(gateway.log(), "the log to its end");
    const again = await startGateway({
      dataFolder: gateway.dataFolder,
      environment: {
        PROVIDER_KEY,
        GATEHOUSE_MASTER_KEY: MASTER_KEY,
        GATEHOUSE_CONFIG: join(gateway.dataFolder, "gatehouse.yaml"),
      },
    });
    try {
      expect(again.printed).not.toMatch(/gha?_[\w-]{8,}/);
      expect(again.printed).not.toContain("first start");
      expectNone(again.printed, "the second start");
    } finally {
      await again.end();
    }
  });
});

/** Where a secret, its greater part, or either in another guise stands in a text. */
function leaksIn(text: string): string[] {
  return [...secrets].flatMap(([what, secret]) =>
    [secret.slice(8), btoa(secret), encodeURIComponent(secret).slice(8)]
      .map((form) => text.indexOf(form))
      .filter((at) => at !== -1)
      .map((at) => `${what} in: ${text.slice(Math.max(0, at - 120), at + 12)}`),
  );
}

function expectNone(text: string, where: string): void {
  expect({ where, leaks: leaksIn(text) }).toEqual({ where, leaks: [] });
}

function mode(path: string): number {
  return statSync(path).mode & 0o777;
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

function call(path: string, body: object): Promise<void> {
  return ask("POST", path, { headers: bearer(gateway.virtualKey), body: JSON.stringify(body) });
}

async function ask(
  method: string,
  path: string,
  more: { headers?: Record<string, string>; body?: string },
): Promise<void> {
  const answer = await fetch(gateway.url + path, { method, ...more });
  const text = await answer.text();
  const headers = JSON.stringify([...answer.headers]);
  const said = more.body === undefined ? `${method} ${path}` : `${method} ${path} ${more.body.slice(0, 80)}`;
  answers.push({ call: `${said}: ${answer.status}`, text: `${headers}\n${text}` });
}
