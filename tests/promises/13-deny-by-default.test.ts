import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RouteEntry } from "../../src/server/route-table.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { type RawAnswer, rawRequest } from "../server/raw-request.ts";
import { methodsOf, routeEntries } from "../server/route-entries.ts";

/** The printed list: what needs no identity. A route that joins it must be written here too. */
const PUBLIC = ["GET /health/live", "GET /health/ready", "GET /admin/docs"];
const GUARDED = routeEntries.filter((entry) => !PUBLIC.includes(nameOf(entry)));

let pair: Pair;
let keys: { readonly revoked: string; readonly expired: string };
let liveKeyId: string;

beforeAll(async () => {
  pair = await startPair();
  const soon = Date.now() + 700;
  const revoked = await createKey({ name: "revoked" });
  const expired = await createKey({ name: "expired", expires_at: new Date(soon).toISOString() });
  liveKeyId = (await createKey({ name: "live" })).id;
  expect((await administer("DELETE", `/admin/v1/keys/${revoked.id}`)).status).toBe(200);
  keys = { revoked: revoked.key, expired: expired.key };
  await waitUntil(() => Date.now() > soon);
});
afterAll(() => pair.dispose());

describe("13: every route needs an identity, except a printed list", () => {
  test("the list of public routes is the printed one", () => {
    expect(routeEntries.filter(({ access }) => access === "public").map(nameOf)).toEqual(PUBLIC);
    expect(GUARDED.length).toBeGreaterThan(5);
  });

  test("public routes answer without a key", async () => {
    for (const name of PUBLIC) expect((await ask("GET", name.slice("GET ".length))).status).toBe(200);
  });

  describe.each(GUARDED.map((entry) => [nameOf(entry), entry] as const))("%s", (_name, entry) => {
    const refused = async (
      headers: readonly string[],
      status: number,
      code: string,
      query = "",
    ): Promise<void> => {
      const target = pathOf(entry) + query;
      const answer = await ask(entry.method, target, { headers, body: bodyFor(entry) });
      expect({ headers, status: answer.status }).toEqual({ headers, status });
      expectEnvelope(answer, entry, code);
    };
    const opens = entry.access === "admin-key" ? "admin" : "virtual";

    test("refuses who brings no key", async () => {
      await refused([], 401, "missing_key");
      await refused(["Authorization: "], 401, "missing_key");
      await refused(["Authorization: Bearer "], 401, "missing_key");
      await refused(["Authorization: Basic Z2g6eA=="], 401, "missing_key");
      await refused(["x-api-key: "], 401, "missing_key");
    });

    test("takes no key from a place where keys leak", async () => {
      const key = opens === "admin" ? pair.gateway.adminKey : pair.gateway.virtualKey;
      await refused([], 401, "missing_key", `?key=${key}&api_key=${key}&access_token=${key}`);
      await refused([`Cookie: authorization=Bearer ${key}; key=${key}`], 401, "missing_key");
    });

    test("refuses a key that nobody made", async () => {
      const prefix = opens === "admin" ? "gha_" : "gh_";
      const own = opens === "admin" ? pair.gateway.adminKey : pair.gateway.virtualKey;
      const wrong = [
        `${prefix}${"A".repeat(43)}`,
        "sk-something-else",
        own.slice(0, -1),
        `${own}A`,
        own.toUpperCase(),
        `${own}, Bearer ${own}`,
        "x".repeat(5000),
      ];
      for (const key of wrong) await refused([`Authorization: Bearer ${key}`], 401, "invalid_key");
      await refused([`Authorization: Bearer ${own}`, `Authorization: Bearer ${own}`], 401, "invalid_key");
      await refused([`x-api-key: ${wrong[0]}`], 401, "invalid_key");
    });

    test("refuses a key that was revoked or has expired", async () => {
      const [status, revoked, expired] =
        opens === "admin"
          ? ([403, "wrong_kind_of_key", "wrong_kind_of_key"] as const)
          : ([401, "revoked_key", "expired_key"] as const);
      await refused([`Authorization: Bearer ${keys.revoked}`], status, revoked);
      await refused([`Authorization: Bearer ${keys.expired}`], status, expired);
    });

    test("refuses the other kind of key", async () => {
      const other = opens === "admin" ? pair.gateway.virtualKey : pair.gateway.adminKey;
      await refused([`Authorization: Bearer ${other}`], 403, "wrong_kind_of_key");
      await refused([`x-api-key: ${other}`], 403, "wrong_kind_of_key");
    });
  });

  test("refused calls reached no provider and changed nothing", async () => {
    expect(await pair.upstream.callCount()).toBe(0);
    const { data } = (await (await administer("GET", "/admin/v1/keys")).json()) as {
      data: { name: string }[];
    };
    expect(data.map(({ name }) => name).sort()).toEqual(["expired", "first", "live", "revoked"]);
  });
});

describe("13: the path that auth judges is the one the router matched", () => {
  test.each(GUARDED.map((entry) => [nameOf(entry), entry] as const))(
    "%s has no other spelling",
    async (_name, entry) => {
      const key = entry.access === "admin-key" ? pair.gateway.adminKey : pair.gateway.virtualKey;
      for (const target of crookedSpellings(entry)) {
        for (const headers of [[`Authorization: Bearer ${key}`], []]) {
          const { status } = await ask(entry.method, target, { headers, body: bodyFor(entry) });
          expect({ target, refused: status >= 400 && status < 500 }).toEqual({ target, refused: true });
        }
      }
    },
    20_000,
  );

  test("a crooked path is told what is wrong with it", async () => {
    for (const target of [
      "//v1/models",
      "/v1/%2e%2e/v1/models",
      "/v1\\models",
      "/v1%2fmodels",
      "/v1/./models",
    ]) {
      const answer = await ask("GET", target, {
        headers: [`Authorization: Bearer ${pair.gateway.virtualKey}`],
      });
      expect([target, answer.status]).toEqual([target, 400]);
      expect(JSON.parse(answer.body).error).toMatchObject({ code: "invalid_path", mend: expect.any(String) });
    }
  });

  /** The runtime strips scheme and host of `GET http://host/path` (RFC 9112, 3.2.2) before anyone can look. */
  test("an absolute-form target is judged by the same path, key and Host header", async () => {
    const { port, virtualKey } = pair.gateway;
    const headers = [`Authorization: Bearer ${virtualKey}`];
    for (const origin of [`http://127.0.0.1:${port}`, "http://evil.example", "https://evil.example:8443"]) {
      expect((await ask("GET", `${origin}/v1/models`)).status).toBe(401);
      expect((await ask("GET", `${origin}/v1/models`, { host: "evil.example", headers })).status).toBe(403);
      expect((await ask("GET", `${origin}//v1/models`, { headers })).status).toBe(400);
      expect((await ask("GET", `${origin}/v1/../metrics`, { headers })).status).toBe(400);
    }
  });

  test("no crooked path reached a provider or changed a key", async () => {
    expect(await pair.upstream.callCount()).toBe(0);
    const { data } = (await (await administer("GET", "/admin/v1/keys")).json()) as {
      data: { id: string; revoked_at: string | null }[];
    };
    expect(data).toHaveLength(4);
    expect(data.find(({ id }) => id === liveKeyId)?.revoked_at).toBeNull();
  });
});

describe("13: methods", () => {
  test("a wrong method is 405 and names the right ones, on every path", async () => {
    for (const path of new Set(routeEntries.map((entry) => entry.path))) {
      const allowed = methodsOf(path);
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"]) {
        if (allowed.includes(method)) continue;
        const target = path.replaceAll(/:\w+/g, "x");
        const answer = await ask(method, target, {
          headers: [`Authorization: Bearer ${pair.gateway.adminKey}`],
        });
        expect([method, target, answer.status]).toEqual([method, target, 405]);
        expect(answer.headers.get("allow")).toBe(allowed.join(", "));
        expect(JSON.parse(answer.body).error).toMatchObject({ code: "method_not_allowed" });
      }
    }
  });

  test("a method that doesn't exist gets no answer of ours", async () => {
    for (const method of ["FOO", "get", "PROPFIND"]) {
      const { status } = await ask(method, "/v1/models", {
        headers: [`Authorization: Bearer ${pair.gateway.virtualKey}`],
      });
      expect(status === 0 || status >= 400).toBe(true);
    }
  });

  test("HEAD is GET without a body and needs the same key", async () => {
    const headers = [`Authorization: Bearer ${pair.gateway.virtualKey}`];
    const without = await ask("HEAD", "/v1/models");
    expect([without.status, without.headers.get("x-gatehouse-error"), without.body]).toEqual([
      401,
      "missing_key",
      "",
    ]);
    const along = await ask("HEAD", "/v1/models", { headers });
    expect([along.status, along.body]).toEqual([200, ""]);
    expect((await ask("HEAD", "/metrics", { headers })).status).toBe(403);
    const post = await ask("HEAD", "/v1/chat/completions", { headers });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("OPTIONS opens nothing", async () => {
    for (const entry of GUARDED) {
      const answer = await ask("OPTIONS", pathOf(entry));
      expect([answer.status, answer.body]).toEqual([204, ""]);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    expect((await ask("OPTIONS", "/nothing")).status).toBe(404);
    expect((await ask("OPTIONS", "/v1/models", { headers: ["Origin: https://evil.example"] })).status).toBe(
      403,
    );
    expect(await pair.upstream.callCount()).toBe(0);
  });
});

describe("13: the Host header", () => {
  test("there is exactly one", async () => {
    const headers = [`Authorization: Bearer ${pair.gateway.virtualKey}`];
    const host = `127.0.0.1:${pair.gateway.port}`;
    expect((await ask("GET", "/v1/models", { headers: [...headers, "Host: evil.example"] })).status).toBe(
      403,
    );
    expect((await ask("GET", "/v1/models", { headers: [...headers, `Host: ${host}`] })).status).toBe(403);
    expect((await ask("GET", "/v1/models", { headers, host: null })).status).toBe(400);
  });

  test("an empty or missing one is refused in the envelope too", async () => {
    const headers = [`Authorization: Bearer ${pair.gateway.virtualKey}`];
    const empty = await ask("GET", "/v1/models", { headers, host: "" });
    const old = await rawRequest(pair.gateway.port, {
      target: "/v1/models",
      version: "1.0",
      host: null,
      headers,
    });
    for (const answer of [empty, old]) {
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body).error.code).toBe("untrusted_host");
    }
  });
});

function nameOf(entry: RouteEntry): string {
  return `${entry.method} ${entry.path}`;
}

/** The route's plain path; the parameters are such that, let through, the call would do something. */
function pathOf(entry: RouteEntry): string {
  const name = entry.path.includes("/keys/") ? liveKeyId : entry.path.includes("/projects/") ? "p" : "demo";
  const path = entry.path.replaceAll(/:\w+/g, name);
  return entry.method === "POST" && entry.dialect === "gemini" ? `${path}:generateContent` : path;
}

/** What would do something if it got through. */
function bodyFor(entry: RouteEntry): string {
  if (entry.method === "PATCH") return JSON.stringify({ blocked: true });
  if (entry.method !== "POST") return "";
  if (entry.path === "/admin/v1/keys") return JSON.stringify({ project: "p", name: "must not exist" });
  if (entry.path === "/admin/v1/admin-keys") return JSON.stringify({ name: "x", role: "owner" });
  if (entry.path.startsWith("/admin")) return JSON.stringify({ name: "must not exist" });
  if (entry.path === "/generate") return JSON.stringify({ prompt: "hello", model: "replay/x" });
  if (entry.dialect === "gemini") return JSON.stringify({ contents: [{ parts: [{ text: "hello" }] }] });
  return JSON.stringify({ model: "replay/x", messages: [{ role: "user", content: "hello" }] });
}

function ask(
  method: string,
  target: string,
  more: { headers?: readonly string[]; body?: string; host?: string | null } = {},
): Promise<RawAnswer> {
  return rawRequest(pair.gateway.port, { method, target, ...more });
}

function administer(method: string, path: string, body?: object): Promise<Response> {
  return fetch(pair.gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${pair.gateway.adminKey}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function createKey(order: object): Promise<{ id: string; key: string }> {
  const answer = await administer("POST", "/admin/v1/keys", { project: "p", ...order });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; key: string };
}

function expectEnvelope(answer: RawAnswer, entry: RouteEntry, code: string): void {
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("x-gatehouse-error")).toBe(code);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { error } = JSON.parse(answer.body);
  const requestId = answer.headers.get("x-request-id");
  expect(requestId).toMatch(/^req_[0-9a-f-]{36}$/);
  if (entry.dialect === "anthropic-messages") {
    expect(JSON.parse(answer.body)).toMatchObject({
      type: "error",
      request_id: requestId,
      error: {
        message: expect.stringMatching(/./),
        details: { error_code: code, mend: expect.stringMatching(/./) },
      },
    });
    return;
  }
  if (entry.dialect === "gemini") {
    const metadata = { request_id: requestId, mend: expect.stringMatching(/./) };
    expect(error).toMatchObject({ code: answer.status, message: expect.stringMatching(/./) });
    expect(error.details).toMatchObject([{ reason: code.toUpperCase(), metadata }]);
    return;
  }
  expect(error).toMatchObject({
    request_id: requestId,
    message: expect.any(String),
    mend: expect.any(String),
  });
  expect(error.mend).not.toBe("");
  const members = entry.dialect === "generate" ? ["code"] : ["code", "param", "type"];
  expect(Object.keys(error).sort()).toEqual([...members, "mend", "message", "request_id"].sort());
}

/** Other ways to write a route's path: each means it to somebody, none may to us. Only literal parts are respelled. */
function crookedSpellings(entry: RouteEntry): string[] {
  const plain = pathOf(entry);
  const literal = entry.path.replace(/\/:.*$/, "");
  const rest = plain.slice(literal.length);
  const respelled = [
    ...eachSlash(plain, "//"),
    ...eachSlash(plain, "/./"),
    ...eachSlash(plain, "/%2e/"),
    ...eachSlash(plain, "/%2E/"),
    ...eachSlash(plain, "\\"),
    ...eachSlash(plain, "%5c"),
    ...eachSlash(plain, "/x/../"),
    ...eachSlash(plain, "/x/%2e%2e/"),
    ...eachSlash(plain, "/x/%2E%2e/"),
    ...eachSlash(plain, "/x/.%2e/"),
    ...eachSlash(plain, "/..;/"),
    ...eachSlash(plain, "/.;/"),
    ...eachSlash(plain, "/%00/"),
    ...eachSlash(plain, "/%c0%ae/"),
    ...eachSlash(plain, "/%252e/"),
    ...eachSlash(plain, "%252f"),
    ...eachSlash(literal, "%2f").map((path) => path + rest),
    ...eachSlash(literal, "%2F").map((path) => path + rest),
    `${plain}/`,
    `${plain}//`,
    `${plain}/.`,
    `${plain}/..`,
    `${plain}/%2e`,
    `${plain}%00`,
    `${plain}%2f`,
    `${plain}%0d%0a`,
    `${plain}\\`,
    `${plain}#x`,
    literal.toUpperCase() + rest,
    literal.replace(/[a-z]/, (letter) => letter.toUpperCase()) + rest,
    ...eachLetter(literal).map((path) => path + rest),
    `/health/live/../..${plain}`,
    `/health/live/%2e%2e/%2e%2e${plain}`,
    `/health/live/..%2f..${plain}`,
    `/health/live;/..${plain}`,
    `/health/live?/..${plain}`.replace("?", "%3f"),
    `/health/live${plain}`,
    plain.slice(1),
    `.${plain}`,
    `@127.0.0.1${plain}`,
  ];
  return respelled.filter((path) => path !== plain);
}

/** The path with one of its slashes written otherwise, each in turn. */
function eachSlash(path: string, instead: string): string[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index) + instead + path.slice(index + 1));
}

/** The path with one of its letters needlessly escaped, each in turn. */
function eachLetter(path: string): string[] {
  return [...path.matchAll(/[a-z0-9]/g)].map(({ 0: letter, index }) => {
    const escaped = `%${letter.charCodeAt(0).toString(16)}`;
    return path.slice(0, index) + escaped + path.slice(index + 1);
  });
}
