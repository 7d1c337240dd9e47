import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseHead } from "../../src/egress/answer-head.ts";
import { prepareEndpoint } from "../../src/egress/endpoint.ts";
import { type ConnectionEnd, dryRun, type Told, told } from "./exchanges.ts";

interface Case {
  readonly wire: string;
  readonly method?: "POST" | "HEAD";
  readonly told: Told;
  readonly connection: ConnectionEnd;
  /** The server closes the connection behind it. */
  readonly closes?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const ok = (body: string): Told => ({ status: 200, body });
const kept = (wire: string, body: string): Case => ({ wire, told: ok(body), connection: "released" });
const spent = (wire: string, body: string): Case => ({ wire, told: ok(body), connection: "cut" });
const refused = (wire: string): Case => ({ wire, told: { fault: "invalid" }, connection: "cut" });

/** Answers, and what is to be made of them however their bytes are cut. */
const CASES: Readonly<Record<string, Case>> = {
  "a length": kept(`${OK}Content-Length: 5\r\n\r\nhello`, "hello"),
  "a length of nothing": kept(`${OK}Content-Length: 0\r\n\r\n`, ""),
  "a length said twice": kept(`${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, "hello"),
  "a body that looks like a head": kept(`${OK}Content-Length: 9\r\n\r\na\r\n\r\nb\r\n\r`, "a\r\n\r\nb\r\n\r"),
  chunks: kept(`${CHUNKED}5\r\nhello\r\n1\r\n,\r\n0B\r\n how are yo\r\n0\r\n\r\n`, "hello, how are yo"),
  "chunks with extensions and trailers": kept(
    `${CHUNKED}3;a=b\r\nabc\r\n2 ; q="x"\r\nde\r\n000;last\r\nExpires: never\r\nX: y\r\n\r\n`,
    "abcde",
  ),
  "chunks that hold line ends": kept(`${CHUNKED}4\r\n\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n`, "\r\n\r\n0\r"),
  "no chunk": kept(`${CHUNKED}0\r\n\r\n`, ""),
  "interim answers": kept(
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`,
    "hi",
  ),
  "no reason": kept("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "hi"),
  "no content": {
    wire: "HTTP/1.1 204 No Content\r\n\r\n",
    told: { status: 204, body: "" },
    connection: "released",
  },
  "not modified, with the length of what is not there": {
    wire: "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
    told: { status: 304, body: "" },
    connection: "released",
  },
  "an answer to HEAD": {
    wire: `${OK}Content-Length: 99\r\n\r\n`,
    method: "HEAD",
    told: ok(""),
    connection: "released",
  },
  "a connection that is to be closed": spent(`${OK}Connection: close\r\nContent-Length: 2\r\n\r\nhi`, "hi"),
  "several connection options": spent(`${OK}Connection: foo, Close\r\nContent-Length: 2\r\n\r\nhi`, "hi"),
  "HTTP/1.0": spent("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"),
  "HTTP/1.0 that keeps alive": kept(
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi",
    "hi",
  ),
  "a body up to the connection's end": { ...spent(`${OK}\r\nhello`, "hello"), closes: true },
  "an empty body up to the connection's end": { ...spent(`${OK}\r\n`, ""), closes: true },
  "a length that is not reached": {
    wire: `${OK}Content-Length: 9\r\n\r\nhello`,
    told: { fault: "interrupted" },
    connection: "held",
    closes: true,
  },
  "chunks without the last": {
    wire: `${CHUNKED}5\r\nhello\r\n`,
    told: { fault: "interrupted" },
    connection: "held",
    closes: true,
  },
  "half a head": { wire: "HTTP/1.1 200 O", told: { fault: "interrupted" }, connection: "held", closes: true },
  "a length and chunks at once": refused(
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  "two lengths": refused(`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`),
  "a negative length": refused(`${OK}Content-Length: -1\r\n\r\n`),
  "a length in hexadecimal": refused(`${OK}Content-Length: 0x5\r\n\r\nhello`),
  "another transfer coding": refused(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`),
  "chunks in HTTP/1.0": refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  "a folded line": refused(`${OK}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`),
  "a space before the colon": refused(`${OK}Content-Length : 5\r\n\r\nhello`),
  "a name that is none": refused(`${OK}Content Length: 5\r\n\r\nhello`),
  "a header without a colon": refused(`${OK}Content-Length\r\n\r\n`),
  "a control character in a value": refused(`${OK}X: a\u0000b\r\n\r\n`),
  "a bare carriage return in a value": refused(`${OK}X: a\rb\r\n\r\n`),
  "another protocol": refused("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
  "HTTP/2": refused("HTTP/2 200 OK\r\n\r\n"),
  "a status of two digits": refused("HTTP/1.1 20 OK\r\n\r\n"),
  "an upgrade": refused("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
  "lines that end with LF alone": refused("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
  "a chunk's size that is none": refused(`${CHUNKED}xyz\r\nabc\r\n0\r\n\r\n`),
  "a chunk without a size": refused(`${CHUNKED}\r\nabc\r\n0\r\n\r\n`),
  "a negative chunk": refused(`${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`),
  "a chunk beyond all bounds": refused(`${CHUNKED}fffffffffffffff\r\n`),
  "a chunk longer than its size": refused(`${CHUNKED}3\r\nhello\r\n0\r\n\r\n`),
  "a chunk's line that ends with LF alone": refused(`${CHUNKED}5\nhello\r\n0\r\n\r\n`),
  "a trailer that ends with LF alone": refused(`${CHUNKED}0\r\nX: y\n\r\n`),
};

async function run({ wire, method, closes }: Case, cuts: readonly number[]) {
  const { exchange, connection, bring } = dryRun(method === undefined ? {} : { method });
  const answer = told(exchange.answer);
  const bytes = Buffer.from(wire, "latin1");
  const borders = [0, ...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length];
  for (const [index, start] of borders.slice(0, -1).entries()) {
    bring(bytes.subarray(start, borders[index + 1]));
    // The reader may come between any two reads.
    await Promise.resolve();
  }
  if (closes === true) exchange.lost(undefined);
  return { told: await answer, connection: connection.end };
}

describe("an answer is the same however its bytes are cut", () => {
  for (const [name, wanted] of Object.entries(CASES)) {
    test(name, async () => {
      // A body that the connection's end ends takes the connection with it.
      const end = wanted.closes === true && "body" in wanted.told ? "held" : wanted.connection;
      const expected = { told: wanted.told, connection: end };
      const { length } = Buffer.from(wanted.wire, "latin1");
      expect(await run(wanted, [])).toEqual(expected);
      expect(await run(wanted, [...Array(length).keys()])).toEqual(expected);
      for (let cut = 1; cut < length; cut++) expect(await run(wanted, [cut])).toEqual(expected);
      const anyCuts = fc.uniqueArray(fc.nat(length), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(anyCuts, async (cuts) => {
          expect(
            await run(
              wanted,
              cuts.toSorted((a, b) => a - b),
            ),
          ).toEqual(expected);
        }),
        { numRuns: 50 },
      );
    });
  }

  test("any chunks of any bytes come out as they went in", async () => {
    const anyChunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(anyChunks, fc.array(fc.nat(400), { maxLength: 12 }), async (chunks, cuts) => {
        const framed = chunks.flatMap((chunk) => [
          Buffer.from(`${chunk.length.toString(16)}\r\n`),
          chunk,
          Buffer.from("\r\n"),
        ]);
        const wire = Buffer.concat([Buffer.from(CHUNKED), ...framed, Buffer.from("0\r\n\r\n")]).toString(
          "latin1",
        );
        const sorted = [...new Set(cuts)].toSorted((a, b) => a - b);
        const { told: answer } = await run({ ...kept(wire, ""), wire }, sorted);
        expect(answer).toEqual(ok(Buffer.concat(chunks).toString("latin1")));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a connection serves nobody again", () => {
  test.each([
    ["when bytes stand behind the answer", `${OK}Content-Length: 2\r\n\r\nhi!`],
    ["when another answer does", `${OK}Content-Length: 2\r\n\r\nhi${OK}Content-Length: 2\r\n\r\nno`],
    ["when they do behind chunks", `${CHUNKED}2\r\nhi\r\n0\r\n\r\nx`],
  ])("%s", async (_when, wire) => {
    const { exchange, connection, bring } = dryRun();
    bring(wire);
    expect(await told(exchange.answer)).toEqual(ok("hi"));
    expect(connection.end).toBe("cut");
  });

  test("when the request has not left wholly", async () => {
    const { exchange, connection, bring } = dryRun();
    connection.isWritten = false;
    bring(`HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno`);
    expect(await told(exchange.answer)).toEqual({ status: 413, body: "no" });
    expect(connection.end).toBe("cut");
  });
});

describe("bounds", () => {
  test.each([
    ["a head", `${OK}X: ${"x".repeat(70_000)}\r\n\r\n`],
    ["a head that does not end", `${OK}X: ${"x".repeat(70_000)}`],
    ["a number of headers", `${OK}${"X: y\r\n".repeat(300)}\r\n`],
    ["a chunk's extension", `${CHUNKED}1;${"x".repeat(5000)}\r\n`],
    ["trailers", `${CHUNKED}0\r\n${"X: y\r\n".repeat(4000)}\r\n`],
  ])("on %s", async (_what, wire) => {
    const { exchange, connection, bring } = dryRun();
    bring(wire);
    expect(await told(exchange.answer)).toEqual({ fault: "invalid" });
    expect(connection.end).toBe("cut");
  });

  test("on a body, counted while it comes", async () => {
    for (const wire of [`${OK}Content-Length: 100\r\n\r\n`, `${CHUNKED}64\r\n`, `${OK}\r\n`]) {
      const { exchange, connection, bring } = dryRun();
      const answer = told(exchange.answer, 50);
      bring(wire + "x".repeat(30));
      await Promise.resolve();
      bring("y".repeat(30));
      expect(await answer).toEqual({ fault: "too-long" });
      expect(connection.end).toBe("cut");
    }
  });

  test("on what waits for a reader that has not come: the connection is held back", async () => {
    const { exchange, connection, bring } = dryRun();
    bring(`${OK}Content-Length: 1000000\r\n\r\n`);
    const answer = await exchange.answer;
    bring(Buffer.alloc(200_000));
    expect(connection.isPaused).toBe(false);
    bring(Buffer.alloc(200_000));
    expect(connection.isPaused).toBe(true);
    const bytes = answer.bytes(1_000_000);
    expect(connection.isPaused).toBe(false);
    bring(Buffer.alloc(600_000));
    expect((await bytes).byteLength).toBe(1_000_000);
  });
});

describe("a request on a kept connection that is lost before any answer", () => {
  test("goes out again where not a byte of it had left", () => {
    const { exchange, connection, acquired } = dryRun({ isReused: true });
    connection.isUnsent = true;
    exchange.lost(undefined);
    expect(acquired()).toBe(1);
  });

  test.each([
    ["some of it had left", { isReused: true }, false, ""],
    ["an answer had begun", { isReused: true }, true, "HTTP/1.1"],
    ["the connection was new", { isReused: false }, true, ""],
  ])("does not where %s", async (_where, options, isUnsent, answered) => {
    const { exchange, connection, acquired, bring } = dryRun(options);
    connection.isUnsent = isUnsent;
    if (answered !== "") bring(answered);
    exchange.lost(undefined);
    expect(acquired()).toBe(0);
    expect(await told(exchange.answer)).toEqual({ fault: "interrupted" });
  });
});

test("headers of one name are joined, and a server's word on keeping alive is heard", async () => {
  const head = parseHead("HTTP/1.1 200 OK\r\nVary: a\r\nX-Y:  spaced \t\r\nvary: b\r\n\r\n");
  expect(head.get("vary")).toBe("a, b");
  expect(head.get("x-y")).toBe("spaced");
  expect(head.get("none")).toBeUndefined();
  const run = dryRun();
  run.bring(`${OK}Keep-Alive: timeout=75, max=100\r\nContent-Length: 0\r\n\r\n`);
  await run.exchange.answer;
  expect(run.hintMs()).toBe(75_000);
});

test("an endpoint that can't be sent is refused when it is made", () => {
  const url = "https://server.test/v1";
  const bad = [
    { url: "ftp://server.test/" },
    { url: "https://user:secret@server.test/" },
    { url, headers: { "x y": "z" } },
    { url, headers: { x: "a\r\nhost: other" } },
    { url, headers: { x: "\u0000" } },
  ];
  for (const order of bad) {
    expect(() => prepareEndpoint({ method: "POST", headers: {}, ...order })).toThrow(TypeError);
  }
  const { head, origin } = prepareEndpoint({
    method: "POST",
    url: "http://[::1]:81/a?b=c",
    headers: { x: "y" },
  });
  expect(Buffer.from(head).toString("latin1")).toBe(
    "POST /a?b=c HTTP/1.1\r\nhost: [::1]:81\r\naccept: */*\r\nx: y\r\ncontent-length: ",
  );
  expect(origin).toMatchObject({ hostname: "::1", port: 81, isSecure: false });
});
