import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Body } from "./client.ts";
import { rawClient, rawPost } from "./raw-client.ts";
import { clients, ended, onlyCall, post, rawCall, runUpstream, server } from "./running-upstream.ts";

runUpstream();

describe("the connection", () => {
  test("pipelined requests are answered in order, whatever way their bytes come", async () => {
    await server.scenario("slow", { body: { kind: "text", text: "[slow]" }, delayBeforeHeadersMs: 30 });
    await server.scenario("fast", { body: { kind: "text", text: "[fast]" } });
    const client = await rawClient(server.port);
    clients.push(client);
    const chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    const parts = '3;ext=1\r\n{"m\r\na\r\nodel":"fas\r\n2\r\nt"\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n';
    const bytes = rawPost({ model: "slow" }) + chunked + parts + rawPost({ model: "slow" });
    const sent = bytes + rawPost({ model: "fast", text: "é" });
    for (const byte of Buffer.from(sent)) client.write(Buffer.from([byte]));
    await client.until((c) => c.text().split("HTTP/1.1 200").length === 5 && c.text().endsWith("]"));
    expect(client.text().match(/\[\w+\]/g)).toEqual(["[slow]", "[fast]", "[slow]", "[fast]"]);
    expect(new Set((await server.calls()).map((call) => call.connection)).size).toBe(1);
  });

  test("a client that waits for 100 Continue gets it", async () => {
    const client = await rawClient(server.port);
    clients.push(client);
    client.write("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    await client.until((c) => c.text() === "HTTP/1.1 100 Continue\r\n\r\n");
    client.write("{}");
    await client.until((c) => c.text().includes("HTTP/1.1 200 OK"));
  });

  test("what is no HTTP is answered 400 and closed", async () => {
    const client = await rawClient(server.port);
    client.write("\x16\x03\x01 nonsense\r\n\r\n");
    await client.until((c) => c.ended !== undefined);
    expect(client.text()).toStartWith("HTTP/1.1 400");
  });

  test("open connections are counted", async () => {
    const client = await rawCall({ fault: { kind: "hang-before-headers" } });
    await server.waitForCalls((calls) => calls.length === 1);
    const { open } = await server.connections();
    client.leave();
    await server.waitForCalls(ended);
    expect((await server.connections()).open).toBe(open - 1);
  });
});

describe("volume", () => {
  const size = 200_000_000;
  const body: Body = { kind: "generated", events: size / 1_000, bytesPerEvent: 1_000 };

  test("a client that does not read holds the server back", async () => {
    await server.scenario("m", { body });
    const client = await rawClient(server.port);
    clients.push(client);
    client.pause();
    client.write(rawPost({ model: "m" }));
    const stalled = await untilSteady(async () => (await server.calls())[0]?.bytesSent ?? 0);
    expect(stalled).toBeWithin(1, 24_000_000); // kernel buffers
    client.leave();
    expect(await onlyCall()).toMatchObject({ outcome: "client-closed" });
  });

  test("200 MB pass through a server that stays small", async () => {
    await server.scenario("m", { body });
    const response = await post({ model: "m" });
    let received = 0;
    for await (const bytes of response.body ?? []) received += bytes.length;
    expect(received).toBe(size + "data: [DONE]\n\n".length);
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]);
    expect(peak).toBeLessThan(300_000);
  });

  test("thousands of calls", async () => {
    const count = 5_000;
    const worker = async (): Promise<void> => {
      for (let index = 0; index < count / 50; index++) await (await post({ model: "m" })).text();
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    expect(await server.callCount()).toBe(count);
    expect((await server.calls()).every((call) => call.outcome === "finished")).toBe(true);
  });

  /** The value once it is above 0 and 20 looks in a row show the same. */
  async function untilSteady(look: () => Promise<number>): Promise<number> {
    let value = 0;
    for (let same = 0; same < 20; ) {
      const next = await look();
      same = next > 0 && next === value ? same + 1 : 0;
      value = next;
      await Bun.sleep(5);
    }
    return value;
  }
});

test("the server ends with the process that started it, even by kill -9", async () => {
  const script = `
    import { startReplayServer } from ${JSON.stringify(join(import.meta.dir, "client.ts"))};
    console.log((await startReplayServer()).port);
    setInterval(() => {}, 1_000);`;
  const parent = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const { value } = await parent.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  (await rawClient(port)).leave();
  parent.kill("SIGKILL");
  // The test's own time limit ends this if it never comes true.
  for (let refused = false; !refused; ) {
    refused =
      (await rawClient(port).then(
        (client) => client.leave(),
        () => true,
      )) === true;
  }
});
