import { expect, test } from "bun:test";
import { connect } from "node:net";
import { tableDownload } from "../../src/admin/download.ts";
import { pulledStream } from "../../src/server/pulled-stream.ts";
import { waitUntil } from "../process/gateway-process.ts";

/** A table is made as it is read, however large it is: a client that reads nothing has nothing made for it. */

const PARTS = 1_000;
const PART_BYTES = 100_000;

/** A table of many parts that are counted as they are made, behind a listener. */
function countedTable() {
  const made = { parts: 0, isLeft: false };
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      request.signal.addEventListener("abort", () => {
        made.isLeft = true;
      });
      const { parts } = await tableDownload<number>("calls", "csv", async (place = 0) => {
        made.parts++;
        return {
          bytes: new Uint8Array(PART_BYTES).fill(120),
          next: place + 1 < PARTS ? place + 1 : undefined,
        };
      });
      return new Response(pulledStream(parts));
    },
  });
  return { made, server };
}

/** Waits until no more parts are made: what a connection holds on its way is full. */
async function waitUntilIdle(made: { readonly parts: number }): Promise<void> {
  let seen = -1;
  let same = 0;
  await waitUntil(async () => {
    await Bun.sleep(20);
    same = made.parts === seen ? same + 1 : 0;
    seen = made.parts;
    return seen > 0 && same > 20;
  }, 20_000);
}

test("a client that reads nothing has no more made than its connection holds; then it gets it all", async () => {
  const { made, server } = countedTable();
  const socket = connect(Number(server.port), "127.0.0.1");
  try {
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    await waitUntilIdle(made);
    expect(made.parts).toBeLessThan(PARTS / 2);
    let received = 0;
    const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.on("data", (bytes) => {
      received += bytes.length;
    });
    socket.resume();
    await ended;
    expect(made.parts).toBe(PARTS);
    expect(received).toBeGreaterThan(PARTS * PART_BYTES);
  } finally {
    socket.destroy();
    await server.stop(true);
  }
});

test("a client that leaves has nothing more made", async () => {
  const { made, server } = countedTable();
  try {
    const controller = new AbortController();
    const answer = await fetch(server.url, { signal: controller.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    controller.abort();
    await waitUntil(() => made.isLeft);
    await waitUntilIdle(made);
    expect(made.parts).toBeLessThan(PARTS);
  } finally {
    await server.stop(true);
  }
});
