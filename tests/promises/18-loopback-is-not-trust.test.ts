import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayProcess, runGatehouse, startGateway } from "../process/gateway-process.ts";
import { type RawAnswer, rawRequest } from "../server/raw-request.ts";
import { routeEntries } from "../server/route-entries.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(20_000);

const APP = "https://app.example.com";
const CHAT = JSON.stringify({ model: "demo/demo", messages: [{ role: "user", content: "hello" }] });

let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGateway({
    configuration: [
      "server:",
      "  trusted_hosts: [gateway.example.com, exact.example.com:9999]",
      "  cors:",
      `    origins: ["${APP}", "http://localhost:5173"]`,
      "    credentials: true",
      "",
    ].join("\n"),
  });
});
afterAll(() => gateway.dispose());

describe("18: the Host header must be a trusted name", () => {
  test("loopback names and listed names are answered, listed without a port on any port", async () => {
    const trusted = [
      "127.0.0.1",
      `127.0.0.1:${gateway.port}`,
      "127.0.0.1:80",
      "localhost",
      `LocalHost:${gateway.port}`,
      "[::1]",
      "[::1]:8003",
      "gateway.example.com",
      "GATEWAY.Example.com:443",
      "gateway.example.com:8003",
      "exact.example.com:9999",
    ];
    for (const host of trusted) expect([host, (await models({ host })).status]).toEqual([host, 200]);
  });

  test("a name that somebody makes to point here (DNS rebinding) opens nothing, with whatever key", async () => {
    const { port } = gateway;
    const untrusted = [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1.evil.example",
      `localhost.evil.example:${port}`,
      "evil.localhost",
      "gateway.example.com.evil.example",
      "xgateway.example.com",
      "gateway.example.com.",
      "exact.example.com",
      "exact.example.com:99",
      "exact.example.com:9999:9999",
      "127.0.0.2",
      "127.1",
      "0.0.0.0",
      "2130706433",
      "0x7f000001",
      "[::ffff:127.0.0.1]",
      "::1",
      "user@127.0.0.1",
      "127.0.0.1@evil.example",
      "127.0.0.1, evil.example",
      "127.0.0.1,127.0.0.1",
      "127.0.0.1:80a",
      "127.0.0.1:",
      "127.0.0.1:123456",
      "127.0.0.1:80:80",
      "127.0.0.1/",
      "127.0.0.1/../evil",
      "127.0.0.1 evil",
      "http://127.0.0.1",
      "localhost%00.evil.example",
      "[",
      "*",
    ];
    for (const host of untrusted) {
      for (const answer of [
        await models({ host }),
        await ask("GET", "/admin/v1/keys", { host, key: gateway.adminKey }),
        await ask("POST", "/v1/chat/completions", { host, key: gateway.virtualKey, body: CHAT }),
        await ask("GET", "/health/live", { host }),
        await ask("OPTIONS", "/v1/models", { host, headers: [`Origin: ${APP}`] }),
        await ask("GET", "/nothing", { host }),
      ]) {
        expect([host, answer.status]).toEqual([host, 403]);
        expect(JSON.parse(answer.body).error).toMatchObject({
          code: "untrusted_host",
          mend: expect.any(String),
        });
      }
      // The name trusted last is remembered; a refused one must not take its place.
      expect((await models({})).status).toBe(200);
    }
  }, 20_000);

  test("a forwarded name is no name", async () => {
    const headers = ["X-Forwarded-Host: 127.0.0.1", "Forwarded: host=127.0.0.1", "X-Host: 127.0.0.1"];
    expect((await models({ host: "evil.example", headers })).status).toBe(403);
    expect((await models({ headers: ["X-Forwarded-Host: evil.example"] })).status).toBe(200);
  });
});

describe("18: pages of other origins are refused unless listed", () => {
  const CORS = {
    "access-control-allow-credentials": "true",
    "access-control-allow-origin": APP,
    "access-control-expose-headers":
      "x-request-id, request-id, x-gatehouse-target, x-gatehouse-attempts, x-gatehouse-cost-usd, x-gatehouse-estimated, x-gatehouse-warnings, x-gatehouse-error, retry-after, x-should-retry, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, x-ratelimit-reset-tokens",
    vary: "Origin",
  };

  test("a listed page is answered, with exactly these headers", async () => {
    expect(corsHeaders(await models({ headers: [`Origin: ${APP}`] }))).toEqual(CORS);
    const chat = await ask("POST", "/v1/chat/completions", {
      key: gateway.virtualKey,
      headers: [`Origin: ${APP}`],
      body: CHAT,
    });
    expect(chat.status).toBe(200);
    expect(corsHeaders(chat)).toEqual(CORS);
    const other = await models({ headers: ["Origin: http://localhost:5173"] });
    expect(corsHeaders(other)).toEqual({ ...CORS, "access-control-allow-origin": "http://localhost:5173" });
  });

  test("a listed page can read its errors too", async () => {
    const headers = [`Origin: ${APP}`];
    for (const [answer, status] of [
      [await ask("GET", "/v1/models", { headers }), 401],
      [await ask("POST", "/v1/chat/completions", { headers, key: gateway.virtualKey, body: "{" }), 400],
      [await ask("GET", "/nothing", { headers }), 404],
      [await ask("PUT", "/v1/models", { headers }), 405],
    ] as const) {
      expect(answer.status).toBe(status);
      expect(corsHeaders(answer)).toEqual(CORS);
    }
  });

  test("a preflight needs no key, and names the path's methods", async () => {
    const headers = [
      `Origin: ${APP}`,
      "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: authorization,x-stainless-lang",
    ];
    const answer = await ask("OPTIONS", "/v1/chat/completions", { headers });
    expect([answer.status, answer.body]).toEqual([204, ""]);
    expect(corsHeaders(answer)).toEqual({
      ...CORS,
      "access-control-allow-headers": "authorization,x-stainless-lang",
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-max-age": "600",
    });
    const keys = await ask("OPTIONS", "/admin/v1/keys", { headers });
    const methods = keys.headers.get("access-control-allow-methods") ?? "";
    expect(methods.split(", ").sort()).toEqual(["GET", "OPTIONS", "POST"]);
  });

  test("every other page is refused, on each route and in the preflight", async () => {
    const origins = [
      "https://evil.example",
      "null",
      "file://",
      "http://app.example.com",
      "https://app.example.com:443",
      "https://app.example.com/",
      "https://APP.example.com",
      "https://app.example.com.evil.example",
      "https://evil.app.example.com",
      `${APP}, https://evil.example`,
      `${APP} https://evil.example`,
      `http://127.0.0.1:${gateway.port}`,
      "http://localhost",
      "*",
    ];
    for (const origin of origins) {
      const headers = [`Origin: ${origin}`];
      for (const answer of [
        await models({ headers }),
        await ask("POST", "/v1/chat/completions", { headers, key: gateway.virtualKey, body: CHAT }),
        await ask("GET", "/admin/v1/keys", { headers, key: gateway.adminKey }),
        await ask("GET", "/health/live", { headers }),
        await ask("OPTIONS", "/v1/chat/completions", { headers }),
        await ask("GET", "/nothing", { headers }),
      ]) {
        expect([origin, answer.status]).toEqual([origin, 403]);
        expect(answer.headers.get("x-gatehouse-error")).toBe("origin_not_allowed");
        expect(corsHeaders(answer)).toEqual({});
      }
    }
  });

  test("who is no page gets no such headers", async () => {
    expect(corsHeaders(await models({}))).toEqual({});
  });
});

describe("18: administration always needs a login", () => {
  test("from this machine too, whatever it claims to be", async () => {
    for (const entry of routeEntries.filter(({ access }) => access === "admin-key")) {
      const target = entry.path.replaceAll(/:\w+/g, "x");
      for (const headers of [[], ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "X-Admin: true"]]) {
        const { status } = await ask(entry.method, target, { headers });
        expect([target, status]).toEqual([target, 401]);
      }
    }
  });

  test("no secret is there by default", async () => {
    const defaults = [
      "admin",
      "password",
      "changeme",
      "secret",
      "gatehouse",
      "sk-1234",
      "gha_admin",
      "gh_default",
      "null",
    ];
    for (const key of [
      ...defaults,
      "undefined",
      "",
      " ",
      "0",
      "*",
      `gha_${"0".repeat(43)}`,
      `gh_${"A".repeat(43)}`,
    ]) {
      for (const path of ["/admin/v1/keys", "/v1/models", "/metrics"]) {
        const { status } = await ask("GET", path, { key });
        expect([path, key, status === 401 || status === 403]).toEqual([path, key, true]);
      }
    }
  });

  test("each first start makes its own keys, of 256 bits", async () => {
    const another = await startGateway();
    try {
      expect(another.adminKey).toMatch(/^gha_[\w-]{43}$/);
      expect(another.virtualKey).toMatch(/^gh_[\w-]{43}$/);
      expect(another.adminKey).not.toBe(gateway.adminKey);
      expect(another.virtualKey).not.toBe(gateway.virtualKey);
      expect((await models({ key: another.virtualKey })).status).toBe(401);
    } finally {
      await another.dispose();
    }
  });
});

describe("18: an unsafe configuration does not start, and says how to mend it", () => {
  test.concurrent.each([
    [
      "any origin with credentials",
      'server: { cors: { origins: ["*"], credentials: true } }',
      {},
      "server.cors.origins",
    ],
    ["any host", 'server: { trusted_hosts: ["*"] }', {}, "server.trusted_hosts"],
    ["an open address without names", "server: { host: 0.0.0.0 }", {}, "server.trusted_hosts"],
    ["an open IPv6 address without names", 'server: { host: "::" }', {}, "server.trusted_hosts"],
    [
      "a name that only looks like loopback",
      "server: { host: localhost.example.com }",
      {},
      "server.trusted_hosts",
    ],
    ["HOST without names", "log: { level: info }", { HOST: "0.0.0.0" }, "server.trusted_hosts"],
  ])("%s", async (_name, yaml, environment, path) => {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-unsafe-"));
    try {
      const file = join(folder, "gatehouse.yaml");
      writeFileSync(file, `${yaml}\n`);
      const all = { PORT: "0", GATEHOUSE_CONFIG: file, GATEHOUSE_DATA: join(folder, "data"), ...environment };
      const { exitCode, stderr, stdout } = await runGatehouse(["serve"], all, folder);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(path);
      expect(stderr).toContain("mend: ");
      expect(stderr).toContain("not started");
      expect(stderr).not.toContain("listens on");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("an open address with named hosts starts, and still asks for the name", async () => {
    const open = await startGateway({
      configuration: "server: { trusted_hosts: [gateway.example.com] }\n",
      environment: { HOST: "0.0.0.0" },
    });
    try {
      const key = [`Authorization: Bearer ${open.virtualKey}`];
      const status = async (host: string) =>
        (await rawRequest(open.port, { target: "/v1/models", host, headers: key })).status;
      expect(await status("gateway.example.com")).toBe(200);
      expect(await status(`0.0.0.0:${open.port}`)).toBe(403);
      expect(await status("evil.example")).toBe(403);
    } finally {
      await open.dispose();
    }
  });
});

interface Asked {
  readonly host?: string;
  readonly key?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function ask(
  method: string,
  target: string,
  { host, key, headers = [], body = "" }: Asked = {},
): Promise<RawAnswer> {
  return rawRequest(gateway.port, {
    method,
    target,
    body,
    ...(host === undefined ? {} : { host }),
    headers: [...(key === undefined ? [] : [`Authorization: Bearer ${key}`]), ...headers],
  });
}

function models(asked: Asked): Promise<RawAnswer> {
  return ask("GET", "/v1/models", { key: gateway.virtualKey, ...asked });
}

function corsHeaders({ headers }: RawAnswer): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith("access-control-") || name === "vary"),
  );
}
