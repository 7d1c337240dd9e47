import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { configurationFor } from "../process/pair.ts";
import { rawCall, rawHead } from "../sdk/raw-call.ts";
import { type RawClient, rawClient } from "../upstream/raw-client.ts";
import {
  BODY_LIMIT,
  bodyFor,
  gateway,
  inMib,
  MIB,
  memory,
  nothingInFlight,
  PATHS,
  post,
  runBounded,
  settledMemory,
  upstream,
} from "./bounded-memory.ts";

/**
 * Promise 8, bounded memory per request and stream: bodies, events and answers beyond their limits; overload answers
 * 503 + Retry-After. Memory is the process's resident set as Linux tells it.
 */

runBounded();

const IN_FLIGHT_LIMIT = 4;

describe("a request body beyond the limit", () => {
  const SENT_AT_MOST = 100 * MIB;
  const PIECE = Buffer.alloc(64 * 1024, 0x20);

  test("that says so is refused before it is sent", async () => {
    for (const path of PATHS) {
      const client = await rawClient(gateway.port);
      client.write(rawHead(gateway, path, [`Content-Length: ${BODY_LIMIT + 1}`]));
      await client.until(({ text }) => text().includes("request_too_large"));
      expect(client.text()).toStartWith("HTTP/1.1 413 ");
      expect(client.text()).toContain(`larger than ${BODY_LIMIT} bytes`);
      client.leave();
    }
  });

  const CASES = {
    "that does not say its length": { head: "Transfer-Encoding: chunked", piece: chunked(PIECE) },
    "that says so and is sent all the same": { head: `Content-Length: ${SENT_AT_MOST}`, piece: PIECE },
  };
  for (const [what, { head, piece }] of Object.entries(CASES)) {
    test(`${what} is refused while it comes`, async () => {
      const before = await settledMemory();
      let worst = 0;
      let most = 0;
      for (let round = 0; round < 2; round++) {
        const { answer, sent } = await sendUntilAnswered(head, piece, () => {
          worst = Math.max(worst, memory() - before);
        });
        most = Math.max(most, sent);
        expect(answer).toStartWith("HTTP/1.1 413 ");
        expect(answer).toContain("request_too_large");
      }
      console.log(`bodies ${what}: memory grew by ${inMib(worst)} at most, ${inMib(most)} went out at most`);
      expect(worst).toBeLessThan(30 * MIB);
    }, 60_000);
  }

  test("of exactly the limit is not refused", async () => {
    const body = { ...bodyFor(PATHS[0], "any", false), pad: "" };
    body.pad = "x".repeat(BODY_LIMIT - JSON.stringify(body).length);
    expect(JSON.stringify(body).length).toBe(BODY_LIMIT);
    expect((await post(PATHS[0], body)).status).toBe(200);
    body.pad += "x";
    expect((await post(PATHS[0], body)).status).toBe(413);
  });

  /** Sends on, though answered, until the gateway closes the connection or all is sent. */
  function sendUntilAnswered(
    head: string,
    piece: Buffer,
    look: () => void,
  ): Promise<{ answer: string; sent: number }> {
    return new Promise((resolve) => {
      const socket = connect({ port: gateway.port, host: "127.0.0.1" });
      let answer = "";
      let sent = 0;
      const watch = setInterval(look, 20);
      const finish = () => {
        clearInterval(watch);
        socket.destroy();
        resolve({ answer, sent });
      };
      const send = () => {
        while (sent < SENT_AT_MOST) {
          sent += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.on("connect", () => {
        socket.write(rawHead(gateway, PATHS[0], [head]));
        send();
      });
      socket.on("drain", send);
      socket.on("data", (bytes: Buffer) => {
        answer += bytes.toString("latin1");
      });
      socket.on("error", () => {});
      socket.on("close", finish);
      // Neither closed nor read on: the gateway leaves the rest where it is, which is just as well.
      let last = -1;
      const still = setInterval(() => {
        if (answer !== "" && sent === last) finish();
        last = sent;
        if (socket.destroyed) clearInterval(still);
      }, 300);
    });
  }

  function chunked(bytes: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
  }
});

test("more calls than are taken at once are refused with 503 and Retry-After", async () => {
  const small = await startGateway({
    configuration: `${configurationFor(upstream.url)}limits: { max_in_flight: ${IN_FLIGHT_LIMIT} }\n`,
  });
  const held: RawClient[] = [];
  try {
    await upstream.scenario("held", { fault: { kind: "hang-before-headers" } });
    await upstream.clearCalls();
    for (let call = 0; call < IN_FLIGHT_LIMIT; call++) {
      held.push(await rawCall(small, PATHS[0], bodyFor(PATHS[0], "held", true)));
    }
    await upstream.waitForCalls((calls) => calls.length === IN_FLIGHT_LIMIT);
    for (const path of PATHS) {
      for (const stream of [false, true]) {
        const response = await post(path, bodyFor(path, "any", stream), small);
        expect(response.status).toBe(503);
        expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
        expect(await response.json()).toHaveProperty("error.code", "overloaded");
      }
    }
    expect(await upstream.callCount()).toBe(IN_FLIGHT_LIMIT);
    held.pop()?.leave();
    await waitUntil(
      async () => (await post(PATHS[0], bodyFor(PATHS[0], "any", false), small)).status === 200,
    );
  } finally {
    for (const client of held) client.leave();
    await small.dispose();
  }
});

describe("an event without end", () => {
  const HUGE = 24 * MIB;
  const HUGE_BODY = { kind: "generated", events: 1, bytesPerEvent: HUGE } as const;
  for (const newline of ["lf", "cr"] as const) {
    for (const path of PATHS) {
      test(`fails, and memory stays bounded (${newline}, ${path})`, async () => {
        await nothingInFlight();
        await upstream.scenario("huge", { body: { ...HUGE_BODY, newline } });
        const before = await settledMemory();
        let worst = 0;
        const watch = setInterval(() => {
          worst = Math.max(worst, memory() - before);
        }, 10);
        const startedAtMs = performance.now();
        const response = await post(path, bodyFor(path, "huge", true));
        const text = await response.text();
        clearInterval(watch);
        console.log(
          `an event of ${inMib(HUGE)} (${newline}, ${path}): memory grew by ${inMib(worst)} at most`,
        );
        expect(response.status).toBe(502);
        expect(JSON.parse(text)).toHaveProperty("error.code", "upstream_invalid_answer");
        expect(performance.now() - startedAtMs).toBeLessThan(20_000);
        expect(worst).toBeLessThan(100 * MIB);
      }, 60_000);
    }
  }

  test("of many lines does not keep the process busy", async () => {
    await upstream.scenario("lines", {
      body: { kind: "text", text: "data:\n".repeat(1_500_000), contentType: "text/event-stream" },
      split: { at: Array.from({ length: 500 }, (_, index) => (index + 1) * 16_000) },
    });
    const startedAtMs = performance.now();
    const response = await post(PATHS[0], bodyFor(PATHS[0], "lines", true));
    await response.text();
    expect(response.status).toBe(502);
    console.log(`an event of 1,500,000 lines: ${Math.round(performance.now() - startedAtMs)} ms`);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  }, 60_000);
});

test("a whole answer beyond its limit is no answer", async () => {
  const small = await startGateway({
    configuration: `${configurationFor(upstream.url)}limits: { answer_bytes: 2000 }\n`,
  });
  try {
    const text = JSON.stringify({ choices: [{ message: { content: "x".repeat(3000) } }] });
    for (const contentType of ["application/json", "text/event-stream"]) {
      await upstream.scenario("long-answer", { body: { kind: "text", text, contentType } });
      const response = await post(PATHS[0], bodyFor(PATHS[0], "long-answer", false), small);
      expect(response.status).toBe(502);
      expect(await response.json()).toHaveProperty("error.code", "upstream_invalid_answer");
    }
  } finally {
    await small.dispose();
  }
});
