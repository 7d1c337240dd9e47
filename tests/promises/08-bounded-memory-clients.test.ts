import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { configurationFor } from "../process/pair.ts";
import { rawCall, rawHead, rawRequest } from "../sdk/raw-call.ts";
import type { Scenario } from "../upstream/client.ts";
import type { RawClient } from "../upstream/raw-client.ts";
import {
  bodyFor,
  gateway,
  inMib,
  memory,
  nothingInFlight,
  PATHS,
  post,
  runBounded,
  settledMemory,
  upstream,
} from "./bounded-memory.ts";

/**
 * Promise 8, bounded memory per client: of those that read nothing and of those that leave. Memory is the process's
 * resident set as Linux tells it, compared with what it was after a warm-up that does the same work.
 */

runBounded();

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
    await waitUntil(ordinary, 150_000, `memory under ${inMib(bound)}`);
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

function descriptors(of: GatewayProcess): number {
  return readdirSync(`/proc/${of.pid}/fd`).length;
}
