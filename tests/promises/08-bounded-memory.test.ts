import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { configurationFor } from "../process/pair.ts";
import { MESSAGES } from "../sdk/clients.ts";
import { rawCall, rawHead, rawRequest } from "../sdk/raw-call.ts";
import { type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";
import { type RawClient, rawClient } from "../upstream/raw-client.ts";

/**
 * Promise 8: bounded memory per request, client and stream; overload answers 503 + Retry-After. Memory is the
 * process's resident set as Linux tells it, compared with what it was after a warm-up that does the same work.
 */

const MIB = 1024 * 1024;
const BODY_LIMIT = 256 * 1024;
const IN_FLIGHT_LIMIT = 4;
const PATHS = ["/v1/chat/completions", "/generate"] as const;

let upstream: ReplayServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = await startReplayServer();
  gateway = await startGateway({
    configuration: `${configurationFor(upstream.url)}limits: { body_bytes: ${BODY_LIMIT} }
log: { level: silent }
`,
  });
});

afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

describe("a client that reads nothing", () => {
  const CLIENTS = 25;
  const STREAM_BYTES = 200_000_000;
  const EVENT_BYTES = 1000;

  test("of a 200 MB stream costs under 5 MB", async () => {
    await upstream.scenarios({
      short: { body: { kind: "generated", events: 500, bytesPerEvent: EVENT_BYTES } },
      long: { body: { kind: "generated", events: STREAM_BYTES / EVENT_BYTES, bytesPerEvent: EVENT_BYTES } },
    });
    // Little passes in the warm-up, so that nothing it leaves to be collected can hide what is measured.
    for (const path of PATHS) await Promise.all(Array.from({ length: CLIENTS }, () => read(path, "short")));
    const before = await settledMemory();
    for (const path of PATHS) {
      await upstream.clearCalls();
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => beginAndStopReading(path)));
      try {
        const sent = await stalled();
        const grown = (await settledMemory()) - before;
        console.log(
          `${path}: ${CLIENTS} clients that read nothing cost ${inMib(grown)}; each was sent ${inMib(Math.max(...sent))} at most`,
        );
        // The last event of /generate repeats the whole text, so what has been said of it is held.
        const said = path === "/generate" ? sent.reduce((sum, bytes) => sum + bytes, 0) : 0;
        expect(grown).toBeLessThan(CLIENTS * 5_000_000 + said);
        expect(sent.length).toBe(CLIENTS);
        // What the buffers of two TCP connections on this machine may hold, and not more.
        for (const bytes of sent) expect(bytes).toBeLessThan(STREAM_BYTES / 4);
      } finally {
        for (const client of clients) client.leave();
      }
      await nothingInFlight();
    }
  }, 60_000);

  async function beginAndStopReading(path: string): Promise<RawClient> {
    const client = await rawCall(gateway, path, bodyFor(path, "long", true));
    await client.until(({ packets }) => packets.length > 0);
    client.pause();
    return client;
  }

  test("is given everything once it reads", async () => {
    const events = 20_000;
    await upstream.scenario("later", { body: { kind: "generated", events, bytesPerEvent: EVENT_BYTES } });
    await upstream.clearCalls();
    const response = await post("/v1/chat/completions", bodyFor("/v1/chat/completions", "later", true));
    await stalled();
    const text = await response.text();
    expect(text.length).toBe(events * EVENT_BYTES + "data: [DONE]\n\n".length);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  }, 20_000);
});

describe("clients that leave", () => {
  const CALLS = 10_000;
  const WARM_UP_CALLS = 2_000;
  const AT_ONCE = 100;
  const TEXT = '"content":"A"';
  const PHASES: Readonly<
    Record<string, { scenario: Scenario; path: string; stream: boolean; heard?: string }>
  > = {
    "before-headers": { scenario: { fault: { kind: "hang-before-headers" } }, path: PATHS[0], stream: true },
    "before-headers-whole": {
      scenario: { fault: { kind: "hang-before-headers" } },
      path: PATHS[1],
      stream: false,
    },
    "after-headers": { scenario: { fault: { kind: "hang-after-headers" } }, path: PATHS[0], stream: true },
    "whole-body": {
      scenario: { fault: { kind: "hang-at-byte", bytes: 100 } },
      path: PATHS[0],
      stream: false,
    },
    "mid-stream": {
      scenario: { fault: { kind: "hang-mid-stream", afterEvents: 3 } },
      path: PATHS[0],
      stream: true,
      heard: TEXT,
    },
    "mid-stream-translated": {
      scenario: { fault: { kind: "hang-mid-stream", afterEvents: 3 } },
      path: PATHS[1],
      stream: true,
      heard: "event: delta",
    },
    "while-it-flows": {
      scenario: { body: { kind: "generated", events: 100, bytesPerEvent: 1000 } },
      path: PATHS[0],
      stream: true,
      heard: "data:",
    },
  };

  let fresh: GatewayProcess;
  beforeAll(async () => {
    fresh = await startGateway({
      configuration: `${configurationFor(upstream.url)}log: { level: silent }\n`,
    });
    await upstream.scenarios(
      Object.fromEntries(Object.entries(PHASES).map(([name, { scenario }]) => [name, scenario])),
    );
  });
  afterAll(() => fresh.dispose());

  test("10,000 of them leave descriptors, connections and memory where they were", async () => {
    await leaveInAllPhases(WARM_UP_CALLS);
    const before = await held();
    await upstream.clearCalls();
    await leaveInAllPhases(CALLS);
    const after = await held();
    console.log(`${CALLS} aborted calls: ${described(before)} -> ${described(after)}`);
    expect(after.connections).toBeLessThanOrEqual(AT_ONCE);
    // Connections to the provider that are kept for other calls come and go.
    expect(after.descriptors - after.connections).toBeLessThanOrEqual(
      before.descriptors - before.connections + 3,
    );
    await memoryComesBack(before.memory + 20_000_000);
    // Each that reached the provider was aborted there, or had ended.
    const seen = await upstream.waitForCalls((calls) =>
      calls.every(({ outcome }) => outcome !== "in-flight"),
    );
    expect(seen.length).toBeGreaterThan(CALLS / 2);
  }, 240_000);

  /** What the gateway holds once no call is in flight. */
  async function held() {
    await nothingInFlight(fresh);
    const memory = await settledMemory(fresh);
    const { open: connections } = await upstream.connections();
    return { memory, descriptors: descriptors(fresh), connections };
  }

  /** What a burst leaves behind is collected some time after it, while ordinary calls go on. */
  async function memoryComesBack(bound: number): Promise<void> {
    const ordinary = async () => {
      await (await post(PATHS[0], bodyFor(PATHS[0], "any", true), fresh)).arrayBuffer();
      return memory(fresh) < bound;
    };
    await waitUntil(ordinary, 60_000, `memory under ${inMib(bound)}`);
    console.log(`and then ${inMib(memory(fresh))}`);
  }

  function described({ memory, descriptors: open, connections }: Awaited<ReturnType<typeof held>>): string {
    return `${inMib(memory)}, ${open} descriptors (${connections} connections to the provider)`;
  }

  async function leaveInAllPhases(calls: number): Promise<void> {
    const names = Object.keys(PHASES);
    let begun = 0;
    const worker = async () => {
      while (begun < calls) {
        begun += 1;
        await leaveOnce(names[begun % (names.length + 1)], begun);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** Without a name: in the middle of the request. */
  function leaveOnce(name: string | undefined, ordinal: number): Promise<void> {
    return new Promise((resolve) => {
      const phase = name === undefined ? undefined : PHASES[name];
      const socket = connect({ port: fresh.port, host: "127.0.0.1", noDelay: true });
      const leave = () => socket.destroy();
      let heard = "";
      socket.on("connect", () => {
        if (phase === undefined || name === undefined) {
          socket.write(rawHead(fresh, PATHS[0], ["Content-Length: 5000"]), leave);
          return;
        }
        socket.write(rawRequest(fresh, phase.path, bodyFor(phase.path, name, phase.stream)));
        // What can't be heard is met at different moments: 0 to 15 ms after the request has gone.
        if (phase.heard === undefined) setTimeout(leave, ordinal % 16);
      });
      socket.on("data", (bytes: Buffer) => {
        if (phase?.heard === undefined) return;
        heard += bytes.toString("latin1");
        if (heard.includes(phase.heard)) leave();
      });
      socket.on("error", leave);
      socket.on("close", () => resolve());
    });
  }
});

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

function bodyFor(path: string, model: string, stream: boolean): object {
  const target = { model: `replay/${model}`, stream };
  return path === "/generate" ? { ...target, prompt: "Count." } : { ...target, messages: MESSAGES };
}

function post(path: string, body: object, to: GatewayProcess = gateway): Promise<Response> {
  return fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.virtualKey}` },
    body: JSON.stringify(body),
  });
}

/** Reads a stream to its end and keeps nothing. */
async function read(path: string, model: string): Promise<void> {
  const response = await post(path, bodyFor(path, model, true));
  for await (const _ of response.body ?? []);
}

/** Waits until the provider can send no more to anyone; gives how much each call was sent. */
async function stalled(): Promise<readonly number[]> {
  let last: readonly number[] = [];
  let same = 0;
  await waitUntil(
    async () => {
      const sent = (await upstream.calls()).map(({ bytesSent }) => bytesSent);
      same = sent.length > 0 && sent.join() === last.join() ? same + 1 : 0;
      last = sent;
      await Bun.sleep(50);
      return same >= 4;
    },
    15_000,
    "a provider that has to wait",
  );
  return last;
}

async function nothingInFlight(of: GatewayProcess = gateway): Promise<void> {
  await waitUntil(
    async () => {
      const page = await fetch(`${of.url}/metrics`, { headers: { authorization: `Bearer ${of.adminKey}` } });
      const text = await page.text();
      return ["in_flight", "open_streams", 'upstream_in_flight{provider="replay"}'].every((name) =>
        text.includes(`\ngatehouse_${name} 0\n`),
      );
    },
    10_000,
    "nothing in flight",
  );
}

/** Resident bytes of the gateway now. */
function memory(of: GatewayProcess = gateway): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${of.pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}

/** The least memory of a while in which it no longer falls: what is held, less what waits to be collected. */
async function settledMemory(of: GatewayProcess = gateway): Promise<number> {
  let least = memory(of);
  for (let quiet = 0; quiet < 8; quiet++) {
    await Bun.sleep(100);
    const now = memory(of);
    if (now < least - MIB) quiet = 0;
    least = Math.min(least, now);
  }
  return least;
}

function descriptors(of: GatewayProcess): number {
  return readdirSync(`/proc/${of.pid}/fd`).length;
}

function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
