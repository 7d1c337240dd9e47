import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readBody } from "../../src/server/guards/body.ts";
import { hostGuard } from "../../src/server/guards/host.ts";
import { originGuard } from "../../src/server/guards/origin.ts";
import { isOddPath, pathParameter } from "../../src/server/guards/path.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
  return "none";
}

describe("the host guard", () => {
  const guard = hostGuard(["Gateway.example.com", "exact.example.com:9999", "[fd00::1]"]);
  const judge = (host: string | undefined) =>
    codeOf(() => guard(new Headers(host === undefined ? {} : { host })));

  test.each([
    "localhost",
    "LOCALHOST:1",
    "127.0.0.1:8003",
    "[::1]:8003",
    "gateway.EXAMPLE.com:65535",
    "exact.example.com:9999",
    "[fd00::1]:1",
  ])("%s is trusted", (host) => {
    expect(judge(host)).toBe("none");
    expect(judge(host)).toBe("none");
  });

  test.each([
    undefined,
    "",
    "evil.example",
    "exact.example.com",
    "exact.example.com:9999:1",
    "exact.example.com:99990",
    "localhost:",
    "localhost:1:2",
    "localhost:123456",
    "localhost, localhost",
    "xlocalhost",
    "localhost.",
    "[::1",
    "::1",
    "[fd00::2]",
  ])("%p is not", (host) => {
    expect(judge("localhost")).toBe("none");
    expect(judge(host)).toBe("untrusted_host");
  });

  test("no text but a listed one, with or without a port, is trusted", () => {
    const alphabet = fc.constantFrom(..."localhst127.0:[]gatewyexmp,@/ ");
    fc.assert(
      fc.property(fc.string({ unit: alphabet, minLength: 1, maxLength: 24 }), (text) => {
        const host = text.trim();
        fc.pre(host !== "");
        const name = host.replace(/:\d{1,5}$/, "");
        const listed = ["localhost", "127.0.0.1", "[::1]", "gateway.example.com", "[fd00::1]"].includes(name);
        expect(judge(host)).toBe(listed || host === "exact.example.com:9999" ? "none" : "untrusted_host");
      }),
    );
  });
});

describe("the origin guard", () => {
  const origin = "https://app.example.com";
  const of = (value?: string) => new Headers(value === undefined ? {} : { origin: value });
  const none = () => false;

  test("lists nothing: every page is refused, whoever sends no Origin is not", () => {
    const guard = originGuard({ origins: [], credentials: false }, none);
    expect(guard.check(of(), "callers")).toEqual({});
    for (const value of [origin, "null", "", "*"])
      expect(codeOf(() => guard.check(of(value), "callers"))).toBe("origin_not_allowed");
    expect(codeOf(() => guard.preflight(of(origin), "callers", ["GET"]))).toBe("origin_not_allowed");
  });

  test("allows exactly the listed, and cookies only where the configuration says so", () => {
    for (const credentials of [false, true]) {
      const guard = originGuard({ origins: [origin], credentials }, none);
      const headers = guard.check(of(origin), "others");
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["vary"]).toBe("Origin");
      expect(headers["access-control-allow-credentials"]).toBe(credentials ? "true" : (undefined as never));
      expect(guard.preflight(of(origin), "others", ["GET", "POST"])).toEqual({
        ...headers,
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type, x-api-key, x-goog-api-key",
        "access-control-max-age": "600",
      });
    }
  });

  test("a page that policies list may ask as a caller, never as an administrator", () => {
    const guard = originGuard({ origins: [], credentials: false }, (asked) => asked === origin);
    expect(guard.check(of(origin), "callers")["access-control-allow-origin"]).toBe(origin);
    expect(codeOf(() => guard.check(of(origin), "others"))).toBe("origin_not_allowed");
    expect(codeOf(() => guard.check(of(`${origin}.evil`), "callers"))).toBe("origin_not_allowed");
  });
});

describe("a parameter of the path", () => {
  test.each([
    "demo",
    "demo/demo",
    "meta-llama/Llama-3.3:free",
    "a b",
    "ü",
    "a..b",
    "...",
    "@x",
    "a;b",
    "a?b",
  ])("%p is taken as it is", (value) => {
    expect(pathParameter(value)).toBe(value);
  });

  test.each([
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "a/.",
    "a\\b",
    "a\u0000",
    "a\nb",
    "a\u007f",
    "a%2e",
    "%",
    "a\ufffd",
  ])("%p is refused", (value) => {
    expect(codeOf(() => pathParameter(value))).toBe("invalid_path");
  });

  test("of any text, what is taken holds no segment that leads elsewhere", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab./\\%\u0000") }), (value) => {
        const taken = codeOf(() => pathParameter(value)) === "none";
        const { pathname } = taken ? new URL(`http://x/${value}`) : { pathname: `/${value}` };
        expect(pathname).toBe(`/${value}`);
      }),
    );
  });

  test("an odd path is known as one", () => {
    for (const path of ["//", "/a//b", "/a\\b", "/%2e", "/%2E", "/%2f", "/%5C", "/%25", "/%00"])
      expect(isOddPath(path)).toBe(true);
    for (const path of ["/", "/v1/models", "/a/%20", "/a.b"]) expect(isOddPath(path)).toBe(false);
  });
});

describe("the body guard", () => {
  const limits = { bodyBytes: 2_000_000, requestBodyMs: 300 };

  test("gives what was sent, however it is cut", async () => {
    for (const size of [0, 1, 1000, 1_048_577, 2_000_000]) {
      const bytes = new Uint8Array(size).map((_, i) => i % 251);
      const declared = new Request("http://x", {
        method: "POST",
        body: bytes,
        headers: { "content-length": String(size) },
      });
      expect(Buffer.compare(await readBody(declared, limits), bytes)).toBe(0);
      const parts = new Request("http://x", { method: "POST", body: chunked(bytes, 65_537) });
      expect(Buffer.compare(await readBody(parts, limits), bytes)).toBe(0);
    }
  });

  test("refuses a declared size before it reads, and any size while it reads", async () => {
    const declared = new Request("http://x", {
      method: "POST",
      body: "x",
      headers: { "content-length": "2000001" },
    });
    await expect(readBody(declared, limits)).rejects.toMatchObject({
      code: "request_too_large",
      status: 413,
    });
    let read = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        read += 100_000;
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const undeclared = new Request("http://x", { method: "POST", body: endless });
    await expect(readBody(undeclared, limits)).rejects.toMatchObject({ code: "request_too_large" });
    expect(read).toBeLessThan(3_000_000);
  });

  test("gives up on a body that doesn't come, and on one that drips", async () => {
    const never = new Request("http://x", { method: "POST", body: new ReadableStream({}) });
    await expect(readBody(never, limits)).rejects.toMatchObject({ code: "request_timeout", status: 408 });
    const dripping = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Bun.sleep(50);
        controller.enqueue(new Uint8Array(1));
      },
    });
    const beganMs = performance.now();
    const drips = new Request("http://x", { method: "POST", body: dripping });
    await expect(readBody(drips, limits)).rejects.toMatchObject({ code: "request_timeout" });
    expect(performance.now() - beganMs).toBeLessThan(20_000);
  });

  test("a client that leaves is a client that left", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("gone"));
      },
    });
    const request = new Request("http://x", { method: "POST", body: broken });
    await expect(readBody(request, limits)).rejects.toMatchObject({ code: "client_closed" });
  });

  test("takes no encoded body", async () => {
    for (const encoding of ["gzip", "br", "deflate", "GZIP", "identity, gzip", "x"]) {
      const request = new Request("http://x", {
        method: "POST",
        body: "x",
        headers: { "content-encoding": encoding },
      });
      await expect(readBody(request, limits)).rejects.toMatchObject({
        code: "unsupported_encoding",
        status: 415,
      });
    }
    const identity = new Request("http://x", {
      method: "POST",
      body: "x",
      headers: { "content-encoding": "identity" },
    });
    expect(await readBody(identity, limits)).toEqual(new Uint8Array([0x78]));
  });
});

function chunked(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}
