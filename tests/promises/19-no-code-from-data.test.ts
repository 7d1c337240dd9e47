import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { dialects } from "../../src/dialects/index.ts";
import { nameMatcher } from "../../src/model/name-pattern.ts";
import { type Pair, startPair } from "../process/pair.ts";
import { rawRequest } from "../server/raw-request.ts";

const MESSAGES = [{ role: "user", content: "hello" }];
const MIB = 1024 * 1024;

let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.dispose());
beforeEach(() => pair.upstream.clearCalls());

describe("19: patterns of models are no regular expressions", () => {
  test("they match as the plainest matcher does", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "."), maxLength: 12 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 16 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 3 }), name, (patterns, text) => {
        expect(nameMatcher(patterns)(text)).toBe(patterns.some((one) => plainlyMatches(one, text)));
      }),
      { numRuns: 5000 },
    );
  });

  test("a name made from a pattern fits it", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", "ab", "ba"), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 6 }), (parts) => {
        const pattern = parts.map(([literal]) => literal).join("*");
        const name = parts
          .map(([literal, run], i) => (i < parts.length - 1 ? literal + run : literal))
          .join("");
        expect(nameMatcher([pattern])(name)).toBe(true);
      }),
    );
  });

  test.each([
    ["*a".repeat(100), "a".repeat(1_000_000)],
    [`${"*a".repeat(99)}*b`, "a".repeat(1_000_000)],
    [`${"*ab".repeat(66)}*c`, "ab".repeat(500_000)],
    ["*".repeat(200), "a".repeat(1_000_000)],
    [`*${"a".repeat(150)}b*`, "a".repeat(1_000_000)],
    [`${"a*".repeat(100)}!`, "a".repeat(1_000_000)],
  ])("%#: a pattern that would keep a backtracking matcher busy for years takes no time", (pattern, name) => {
    const matcher = nameMatcher([pattern]);
    const began = performance.now();
    matcher(name);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test("a real gateway reads them literally and answers at once", async () => {
    const models = [
      "replay/(a+)+$",
      "replay/(a|a)*$",
      "replay/^(([a-z])+.)+[A-Z]([a-z])+$",
      "replay/[",
      "replay/\\",
      "*x*x*x*x*x*y",
    ];
    const created = await fetch(`${pair.gateway.url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${pair.gateway.adminKey}` },
      body: JSON.stringify({ project: "p", name: "patterns", policy: { models } }),
    });
    const { key } = (await created.json()) as { key: string };
    const statusFor = async (model: string) => {
      const body = JSON.stringify({ model, messages: MESSAGES });
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers,
        body,
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    const began = performance.now();
    for (const model of [
      `replay/${"a".repeat(200)}!`,
      `replay/${"x".repeat(500)}`,
      "replay/aaa",
      "replay/aA",
    ]) {
      expect([model, await statusFor(model)]).toEqual([model, 403]);
    }
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const model of ["replay/(a+)+$", "replay/[", "replay/\\", "replay/xxxxxy"]) {
      expect([model, await statusFor(model)]).toEqual([model, 200]);
    }
  });
});

describe("19: names that mean something to the language mean nothing here", () => {
  const INERT = [
    '"__proto__":{"polluted":true,"stream":true,"model":"replay/other"}',
    '"constructor":{"prototype":{"polluted":true}}',
    '"prototype":{"polluted":true}',
    '"toString":"x","valueOf":1,"hasOwnProperty":null',
  ].join(",");

  test("a body that holds them passes through, byte for byte but for the model's name", async () => {
    const body = `{${INERT}, "model" : "replay/x", "messages":[{"__proto__":{"role":"system"},"role":"user","content":"hello"}]}`;
    const answer = await post("/v1/chat/completions", body);
    expect(answer.status).toBe(200);
    const [call] = await pair.upstream.calls();
    expect(call?.bodyText).toBe(body.replace('"replay/x"', '"x"'));
  });

  const decoded = (dialect: "generate" | "openai-chat", body: string) =>
    dialects.get(dialect)?.inbound?.operations.chat?.decodeRequest({
      bytes: Buffer.from(body),
      pathRest: "",
      query: () => new URLSearchParams(),
    });

  test("they change no object of this process", () => {
    const chat = `{${INERT},"model":"m","messages":[{"__proto__":{"polluted":true},"role":"user","content":"hello","tool_calls":null}]}`;
    const request = decoded("openai-chat", chat);
    expect(request).toMatchObject({ model: "m", stream: false });
    request?.content();
    for (const bad of [
      `{${INERT},"prompt":"x"}`,
      '{"prompt":"x","\\u005f_proto__":{"polluted":true}}',
      '{"prompt":"x","metadata":{"__proto__":{"polluted":true}}}',
    ]) {
      try {
        decoded("generate", bad)?.content();
      } catch (refused) {
        expect(refused).toMatchObject({ code: "invalid_request" });
      }
    }
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(Reflect.get(() => {}, "polluted")).toBeUndefined();
  });

  test("nor may one be all that a request has", async () => {
    const chat = '{"__proto__":{"model":"replay/x","messages":[{"role":"user","content":"x"}]}}';
    expect((await post("/v1/chat/completions", chat)).status).toBe(400);
    expect((await post("/generate", '{"__proto__":{"prompt":"x","model":"replay/x"}}')).status).toBe(400);
    const key = await fetch(`${pair.gateway.url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${pair.gateway.adminKey}` },
      body: '{"__proto__":{"project":"p","name":"n"}}',
    });
    expect(key.status).toBe(400);
    expect(await pair.upstream.callCount()).toBe(0);
  });

  test("templates and references in a request stay text", async () => {
    const content = "${PROVIDER_KEY} {{7*7}} <%= 1 %> #{1} `id` $(id) ${jndi:ldap://x} file:/etc/passwd %s";
    const body = { model: "replay/${x}{{y}}", messages: [{ role: "user", content }] };
    expect((await post("/v1/chat/completions", JSON.stringify(body))).status).toBe(200);
    const [call] = await pair.upstream.calls();
    expect(JSON.parse(call?.bodyText ?? "")).toEqual({ ...body, model: "${x}{{y}}" });
  });
});

describe("19: a body costs no more than its bytes", () => {
  test("bombs are answered 400, at little cost and in bounded memory", async () => {
    const { pid } = pair.gateway;
    const heldBefore = heldBytes(pid);
    const deep = 30 * MIB;
    const bombs: Record<string, string> = {
      brackets: "[".repeat(deep),
      objects: '{"a":'.repeat(deep / 5),
      "within messages": `{"model":"replay/x","messages":[${"[".repeat(deep)}`,
      "closed and deep": `{"model":"replay/x","messages":${"[".repeat(200)}${"]".repeat(200)}}`,
      "many values": `{"model":"replay/x","messages":[${"1,".repeat(deep / 4)}1]}`,
      "many objects": `{"model":"replay/x","messages":[${"{},".repeat(deep / 6)}{}]}`,
      "many members": `{${Array.from({ length: 1_200_000 }, (_, i) => `"${i}":0`).join(",")}}`,
      "one long string": `"${"\\\\".repeat(deep / 2)}`,
      "quotes without end": '"'.repeat(deep),
      "a long number": `{"model":${"9".repeat(deep)}}`,
      blanks: " ".repeat(deep),
    };
    for (const [name, body] of Object.entries(bombs)) {
      const before = cpuSeconds(pid);
      const held = heldBytes(pid);
      forgetPeak(pid);
      const answer = await post("/v1/chat/completions", body);
      expect([name, answer.status]).toEqual([name, 400]);
      expect([name, peakBytes(pid) - held < 5 * deep]).toEqual([name, true]);
      expect(((await answer.json()) as { error: { mend: string } }).error.mend).not.toBe("");
      expect([name, cpuSeconds(pid) - before < 3]).toEqual([name, true]);
    }
    // All of them together, what still waits to be collected included.
    expect((heldBytes(pid) - heldBefore) / MIB).toBeLessThan(500);
    expect(await pair.upstream.callCount()).toBe(0);
  }, 30_000);

  test("others are served meanwhile", async () => {
    const bomb = post("/v1/chat/completions", "[".repeat(30 * MIB));
    const before = cpuSeconds(pair.gateway.pid);
    expect((await fetch(`${pair.gateway.url}/health/live`)).status).toBe(200);
    expect(cpuSeconds(pair.gateway.pid) - before).toBeLessThan(1);
    expect((await bomb).status).toBe(400);
  });

  test("encoded bodies are not unpacked: 415", async () => {
    const body = Buffer.from(JSON.stringify({ model: "replay/x", messages: MESSAGES }));
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    const encoded: [string, Uint8Array<ArrayBuffer>][] = [
      ["gzip", gzipSync(body)],
      ["gzip", bomb],
      ["x-gzip", gzipSync(body)],
      ["deflate", deflateSync(body)],
      ["br", brotliCompressSync(body)],
      ["zstd", body],
      ["gzip, identity", gzipSync(body)],
      ["identity, gzip", gzipSync(body)],
      ["GZIP", gzipSync(body)],
      ["unheard-of", body],
    ];
    for (const path of ["/v1/chat/completions", "/generate"]) {
      for (const [encoding, bytes] of encoded) {
        const answer = await post(path, bytes, { "content-encoding": encoding });
        expect([encoding, answer.status]).toEqual([encoding, 415]);
        const { error } = (await answer.json()) as { error: object };
        expect(error).toMatchObject({ code: "unsupported_encoding", mend: expect.any(String) });
      }
    }
    const admin = await fetch(`${pair.gateway.url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${pair.gateway.adminKey}`, "content-encoding": "gzip" },
      body: gzipSync('{"project":"p","name":"n"}'),
    });
    expect(admin.status).toBe(415);
    expect(await pair.upstream.callCount()).toBe(0);
    expect((await post("/v1/chat/completions", body, { "content-encoding": "identity" })).status).toBe(200);
  });

  test("nor are bodies that say so as a transfer coding", async () => {
    const headers = [`Authorization: Bearer ${pair.gateway.virtualKey}`, "Transfer-Encoding: gzip, chunked"];
    const target = "/v1/chat/completions";
    const { status } = await rawRequest(pair.gateway.port, { method: "POST", target, headers });
    expect(status === 0 || status >= 400).toBe(true);
    expect(await pair.upstream.callCount()).toBe(0);
  });

  test("a member that comes twice is refused: the provider might go by the other", async () => {
    const rest = `"messages":${JSON.stringify(MESSAGES)}`;
    for (const body of [
      `{"model":"replay/x",${rest},"model":"replay/y"}`,
      `{"model":"replay/x","model":"replay/x",${rest}}`,
      `{"model":"replay/x",${rest},"mod\\u0065l":"replay/y"}`,
      `{"model":"replay/x",${rest},${rest}}`,
      `{"model":"replay/x",${rest},"stream":false,"stream":true}`,
      `{"model":"replay/x",${rest},"__proto__":1,"__proto__":2}`,
    ]) {
      const answer = await post("/v1/chat/completions", body);
      expect([body, answer.status]).toEqual([body, 400]);
      const { error } = (await answer.json()) as { error: { message: string } };
      expect(error.message).toContain("more than once");
    }
    expect((await post("/generate", '{"prompt":"a","model":"replay/x","model":"replay/y"}')).status).toBe(
      400,
    );
    expect(await pair.upstream.callCount()).toBe(0);
  });
});

/** Backtracks, and is as plain as a definition. */
function plainlyMatches(pattern: string, name: string): boolean {
  if (pattern === "") return name === "";
  if (pattern[0] !== "*") return pattern[0] === name[0] && plainlyMatches(pattern.slice(1), name.slice(1));
  for (let taken = 0; taken <= name.length; taken++) {
    if (plainlyMatches(pattern.slice(1), name.slice(taken))) return true;
  }
  return false;
}

/** The most memory that a process has held at once. */
/** What a process has computed so far, however busy the machine is; /proc counts in ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = rest.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

/** The most that a process has held since `forgetPeak`. */
function peakBytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

function heldBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** Linux counts the peak anew from now on (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(pair.gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${pair.gateway.virtualKey}`, ...headers },
    body,
  });
}
