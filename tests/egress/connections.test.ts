import { afterEach, describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Answer } from "../../src/egress/answer.ts";
import { Dial } from "../../src/egress/dial.ts";
import { Egress, type EgressOptions } from "../../src/egress/egress.ts";
import { type Endpoint, prepareEndpoint } from "../../src/egress/endpoint.ts";
import { EgressFailure } from "../../src/egress/failure.ts";
import { Pool } from "../../src/egress/pool.ts";
import { Resolver } from "../../src/egress/resolver.ts";
import { waitUntil } from "../process/gateway-process.ts";
import { refusedPort } from "../upstream/client.ts";
import { told } from "./exchanges.ts";
import { answerOf, type RawConnection, type RawServer, requestsIn, startRawServer } from "./raw-server.ts";

const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.stop();
});

async function server(onData: Parameters<typeof startRawServer>[0]): Promise<RawServer> {
  const started = await startRawServer(onData);
  opened.push(started);
  return started;
}

function egress(options: EgressOptions = {}): Egress {
  const made = new Egress(options);
  opened.push({ stop: () => made.close() });
  return made;
}

function endpoint(port: number, host = "127.0.0.1"): Endpoint {
  const url = `http://${host}:${port}/v1`;
  return prepareEndpoint({ method: "POST", url, headers: { x: "y" }, reach: "own-network" });
}

/** Answers each request, whatever it is, with the number of its connection and its own there. */
const counting = (connection: RawConnection, index: number): void => {
  connection.socket.write(answerOf(`${index}.${requestsIn(connection)}`));
};

describe("connections", () => {
  test("serve one call after the other, and several at once have one each", async () => {
    const { port, connections } = await server(counting);
    const out = egress();
    const to = endpoint(port);
    for (const body of ["0.1", "0.2", "0.3"]) {
      expect(await told(out.send(to, "{}").answer)).toEqual({ status: 200, body });
    }
    const both = await Promise.all([told(out.send(to, "{}").answer), told(out.send(to, "{}").answer)]);
    expect(both).toEqual([
      { status: 200, body: "0.4" },
      { status: 200, body: "1.1" },
    ]);
    expect(connections[0]?.text().split("\r\n\r\n{}")[0]).toBe(
      `POST /v1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: */*\r\nx: y\r\ncontent-length: 2`,
    );
    expect(out.counts()).toEqual({ open: 2, idle: 2 });
  });

  test("that say something unasked serve nobody again", async () => {
    const { port, connections } = await server(counting);
    const out = egress();
    await told(out.send(endpoint(port), "{}").answer);
    connections[0]?.socket.write(answerOf("stolen"));
    await waitUntil(() => out.counts().open === 0);
    expect(await told(out.send(endpoint(port), "{}").answer)).toEqual({ status: 200, body: "1.1" });
  });

  test("that the server has closed are not used", async () => {
    const { port, connections } = await server(counting);
    const out = egress();
    for (const body of ["0.1", "1.1", "2.1"]) {
      expect(await told(out.send(endpoint(port), "{}").answer)).toEqual({ status: 200, body });
      connections.at(-1)?.socket.end();
      await waitUntil(() => out.counts().open === 0);
    }
  });

  test("that are cut while a request is on its way fail it: it may have been executed", async () => {
    const { port, connections } = await server((connection, index) => {
      if (requestsIn(connection) === 1) counting(connection, index);
      else connection.socket.resetAndDestroy();
    });
    const out = egress();
    await told(out.send(endpoint(port), "{}").answer);
    expect(await told(out.send(endpoint(port), "{}").answer)).toEqual({ fault: "interrupted" });
    expect(connections.map(requestsIn)).toEqual([2]);
  });

  test("are kept for a while, and for as long as the server says", () => {
    const pool = new Pool(endpoint(1).origin, { maxIdle: 2, maxOpen: 9 }, new Resolver(), () => true);
    let ended = 0;
    const connection = () =>
      Object.assign(Object.create(null), {
        isReady: true,
        readySinceMs: performance.now(),
        idleUntilMs: 0,
        end: () => ended++,
      });
    pool.release(connection(), undefined);
    pool.release(connection(), 60_000);
    expect([pool.idleCount, ended]).toEqual([2, 0]);
    pool.release(connection(), undefined);
    expect([pool.idleCount, ended]).toEqual([2, 1]);
    pool.sweep(performance.now() + 5000);
    expect([pool.idleCount, ended]).toEqual([1, 2]);
    pool.release(connection(), 500);
    expect([pool.idleCount, ended]).toEqual([1, 3]);
    pool.sweep(performance.now() + 60_000);
    expect([pool.idleCount, ended]).toEqual([0, 4]);
  });

  test("beyond the bound are waited for", async () => {
    const held: RawConnection[] = [];
    const { port, connections } = await server((connection) => held.push(connection));
    const out = egress({ maxOpen: 2 });
    const calls = Array.from({ length: 5 }, () => out.send(endpoint(port), "{}"));
    const answers = Promise.all(calls.map((call) => told(call.answer)));
    for (let answered = 0; answered < calls.length; answered++) {
      await waitUntil(() => held.length > 0);
      held.shift()?.socket.write(answerOf("ok"));
    }
    expect(await answers).toEqual(Array(5).fill({ status: 200, body: "ok" }));
    expect(connections.length).toBe(2);
  });
});

describe("a server that can't be called", () => {
  test("because nobody listens", async () => {
    const failure = await failureOf(egress().send(endpoint(await refusedPort()), "{}").answer);
    expect(failure).toMatchObject({ fault: "unreachable", code: "ECONNREFUSED" });
  });

  test("because its name is not known", async () => {
    const failure = await failureOf(egress().send(endpoint(80, "server.invalid"), "{}").answer);
    expect(failure).toMatchObject({ fault: "unreachable", code: "ENOTFOUND" });
  });

  test("because none of its addresses may be called", async () => {
    const { port, connections } = await server(counting);
    const asked: string[] = [];
    const out = egress({
      mayConnect: (address, origin) => {
        asked.push(`${address} of ${origin.hostname}`);
        return false;
      },
    });
    for (const host of ["127.0.0.1", "localhost"]) {
      const failure = await failureOf(out.send(endpoint(port, host), "{}").answer);
      expect(failure).toMatchObject({ fault: "unreachable", code: "ADDRESS_NOT_ALLOWED" });
    }
    expect(asked).toContain("127.0.0.1 of 127.0.0.1");
    expect(asked).toContain("127.0.0.1 of localhost");
    expect(connections.length).toBe(0);
  });

  test("at one address is tried at the next", async () => {
    const { port } = await server(counting);
    const tried: string[] = [];
    const connection = await new Promise((connected, failed) => {
      new Dial({
        origin: endpoint(port, "server.test").origin,
        // Nothing listens on the first; the second may not be called.
        resolver: { addressesOf: async () => ["127.0.0.2", "127.0.0.3", "127.0.0.1"] },
        mayConnect: (address) => {
          tried.push(address);
          return address !== "127.0.0.3";
        },
        owner: { closed: () => {} },
        connected,
        failed,
      });
    });
    expect(connection).toMatchObject({ isReady: true });
    expect(tried).toEqual(["127.0.0.2", "127.0.0.3", "127.0.0.1"]);
  });
});

describe("an answer", () => {
  test.each(["resetAndDestroy", "destroy"] as const)("that ends before it begins (%s)", async (how) => {
    const { port } = await server(({ socket }) => socket[how]());
    expect(await told(egress().send(endpoint(port), "{}").answer)).toEqual({ fault: "interrupted" });
  });

  test("that drips byte by byte", async () => {
    const { port } = await server(({ socket }) => {
      const bytes = Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${answerOf("slow", "x: y")}`);
      let sent = 0;
      const next = (): void => {
        socket.write(bytes.subarray(sent, ++sent), () => {
          if (sent < bytes.length) setImmediate(next);
        });
      };
      next();
    });
    expect(await told(egress().send(endpoint(port), "{}").answer)).toEqual({ status: 200, body: "slow" });
  });

  test("up to a reset is no whole answer, even where only the connection's end could end it", async () => {
    const { port } = await server(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\nhello", () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    expect(await told(egress().send(endpoint(port), "{}").answer)).toEqual({ fault: "interrupted" });
  });

  test("is not read faster than it is taken, and comes whole in the end", async () => {
    const total = 64 * 1024 * 1024;
    const { port, connections } = await server(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
      socket.write(Buffer.alloc(total, "x"));
    });
    const answer = await egress().send(endpoint(port), "{}").answer;
    let got = 0;
    let ended = false;
    answer.flowTo({
      data: (bytes) => {
        got += bytes.byteLength;
        answer.pause();
      },
      end: () => (ended = true),
      fail: (failure) => {
        throw failure;
      },
    });
    await stands(() => connections[0]?.socket.writableLength ?? 0);
    expect(got).toBeLessThan(total / 4);
    expect(ended).toBe(false);
    while (!ended) {
      answer.resume();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(got).toBe(total);
  });
});

describe("a request", () => {
  test("of any size and in any parts arrives as it is, though the server reads slowly", async () => {
    const { port, connections } = await server((connection) => {
      if (connection.bytes > 4_000_000) connection.socket.write(answerOf("ok"));
    });
    const parts = [Buffer.from('{"a":'), Buffer.alloc(4_000_000, "1234567"), Buffer.from("}")];
    const call = egress().send(endpoint(port), parts);
    await waitUntil(() => connections.length === 1);
    connections[0]?.socket.pause();
    await stands(() => connections[0]?.bytes ?? 0);
    connections[0]?.socket.resume();
    expect(await told(call.answer)).toEqual({ status: 200, body: "ok" });
    await waitUntil(() => connections[0]?.text().endsWith("}") === true);
    const [head, body] = connections[0]?.text().split("\r\n\r\n") ?? [];
    expect(head).toEndWith("content-length: 4000006");
    expect(body).toBe(Buffer.concat(parts).toString("latin1"));
  });

  test.each([0, 1, 15_000, 16_000, 16_384, 17_000, 40_000])(
    "of %p bytes, as text and as parts",
    async (size) => {
      const { port, connections } = await server(({ socket, bytes }) => {
        if (bytes > size) socket.write(answerOf("ok"));
      });
      const text = "é".repeat(size / 2) + "x".repeat(size % 2);
      for (const body of [text, Buffer.from(text), [Buffer.from(text), Buffer.alloc(0)]]) {
        const out = egress();
        const call = out.send(endpoint(port), body);
        await told(call.answer);
        await waitUntil(
          () => (connections.at(-1)?.text().split("\r\n\r\n")[1]?.length ?? -1) >= Buffer.byteLength(text),
        );
        expect(connections.at(-1)?.text().split("\r\n\r\n")[1]).toBe(Buffer.from(text).toString("latin1"));
      }
    },
  );
});

describe("a call that is given up", () => {
  test("while it connects is told so, and its connection serves the next", async () => {
    const { port, connections } = await server(counting);
    const out = egress();
    const call = out.send(endpoint(port), "{}");
    expect(call.isConnected).toBe(false);
    call.abort();
    expect(await told(call.answer)).toEqual({ fault: "aborted" });
    await waitUntil(() => out.counts().idle === 1);
    expect(await told(out.send(endpoint(port), "{}").answer)).toEqual({ status: 200, body: "0.1" });
    expect(connections.length).toBe(1);
  });

  test("before the answer cuts the connection", async () => {
    const { port, connections } = await server(() => {});
    const out = egress();
    const call = out.send(endpoint(port), "{}");
    await waitUntil(() => connections[0]?.bytes !== undefined && connections[0].bytes > 0);
    expect(call.isConnected).toBe(true);
    call.abort();
    expect(await told(call.answer)).toEqual({ fault: "aborted" });
    await waitUntil(() => connections[0]?.ended !== undefined);
    expect(out.counts()).toEqual({ open: 0, idle: 0 });
  });

  test("in the middle of a body cuts the connection and tells whoever reads", async () => {
    const { port, connections } = await server(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello");
    });
    const answer = await egress().send(endpoint(port), "{}").answer;
    const body = answer.bytes(1000).catch((thrown: unknown) => thrown);
    answer.abort();
    answer.abort();
    expect(await body).toMatchObject({ fault: "aborted" });
    await waitUntil(() => connections[0]?.ended !== undefined);
  });

  test("while its request is still being sent cuts the connection", async () => {
    const { port, connections } = await server(({ socket }) => socket.pause());
    const call = egress().send(endpoint(port), Buffer.alloc(32_000_000));
    await waitUntil(() => connections.length === 1);
    call.abort();
    expect(await told(call.answer)).toEqual({ fault: "aborted" });
    connections[0]?.socket.resume();
    await waitUntil(() => connections[0]?.ended !== undefined);
  });
});

describe("an answer in a coding that nobody asked for", () => {
  const TEXT = JSON.stringify({ choices: "many ".repeat(5000) });
  const CODINGS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

  async function coded(coding: string, bytes: Uint8Array): Promise<Answer> {
    const { port } = await server(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`);
      for (let at = 0; at < bytes.length; at += 7) {
        const piece = bytes.subarray(at, at + 7);
        socket.write(`${piece.length.toString(16)}\r\n`);
        socket.write(piece);
        socket.write("\r\n");
      }
      socket.write("0\r\n\r\n");
    });
    return egress().send(endpoint(port), "{}").answer;
  }

  for (const [coding, encode] of Object.entries(CODINGS)) {
    test(`${coding} is taken off`, async () => {
      const answer = await coded(coding, encode(TEXT));
      expect(Buffer.from(await answer.bytes(1_000_000)).toString()).toBe(TEXT);
    });

    test(`${coding} that swells beyond the bound is given up`, async () => {
      const answer = await coded(coding, encode(Buffer.alloc(30_000_000)));
      const failure = await answer.bytes(1_000_000).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ fault: "too-long" });
    });

    // The runtime's zstd does not tell that its input ended too early; what it gives then is no JSON.
    test.skipIf(coding === "zstd")(`${coding} that breaks off is no answer`, async () => {
      const whole = encode(TEXT);
      const answer = await coded(coding, whole.subarray(0, whole.length - 9));
      expect(await answer.bytes(1_000_000).catch((thrown: unknown) => thrown)).toMatchObject({
        fault: "invalid",
      });
    });
  }

  test("that can't be read is no answer", async () => {
    const failure = await failureOf(coded("compress", Buffer.from("x")));
    expect(failure).toMatchObject({ fault: "invalid", code: "UNKNOWN_CODING" });
  });
});

async function failureOf(answer: Promise<unknown>): Promise<unknown> {
  const thrown = await answer.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(thrown).toBeInstanceOf(EgressFailure);
  return thrown;
}

/** Waits until a number has stopped changing. */
async function stands(read: () => number): Promise<void> {
  let last = -1;
  let same = 0;
  await waitUntil(() => {
    same = read() === last ? same + 1 : 0;
    last = read();
    return same >= 5;
  });
}
