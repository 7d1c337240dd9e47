import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { readLedger, waitForEndedAttempts } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** Each command is a process of its own, and the machine may be busy. */
setDefaultTimeout(20_000);

let upstream: ReplayServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = await startReplayServer();
  await upstream.scenarios({
    slow: { paceMs: 40 },
    hanging: { fault: { kind: "hang-mid-stream", afterEvents: 3 } },
  });
});
afterAll(() => upstream.stop());

describe("a signal drains", () => {
  beforeEach(async () => {
    gateway = await startGateway({ configuration: configurationFor(upstream.url) });
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s: a running stream ends well, no new call is taken, exit 0",
    async (signal) => {
      try {
        const stream = await openStream("replay/slow");
        const ended = gateway.end(signal);
        await waitUntil(async () => (await readiness()) !== 200, 15_000, "readiness");
        expect([0, 503]).toContain(await readiness());
        const text = await stream.rest();
        expect(text).toContain('"finish_reason":"stop"');
        expect(text).toEndWith("data: [DONE]\n\n");
        expect(await ended).toBe(0);
        expect(gateway.printed).toContain("draining");
        const { attempts, requests } = readLedger(gateway);
        expect(attempts.map(({ outcome }) => outcome)).toEqual(["ok"]);
        expect(requests.map(({ outcome }) => outcome)).toEqual(["ok"]);
        const lines = gateway.log().trim().split("\n");
        expect(lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "call")).toHaveLength(1);
      } finally {
        await gateway.dispose();
      }
    },
  );

  test("with nothing in flight it ends at once", async () => {
    try {
      const beganMs = performance.now();
      expect(await gateway.end("SIGTERM")).toBe(0);
      // Long before the 25 s that calls in flight would have had.
      expect(performance.now() - beganMs).toBeLessThan(15_000);
    } finally {
      await gateway.dispose();
    }
  });

  test("a second one ends at once, and the ledger survives that", async () => {
    try {
      const stream = await openStream("replay/hanging");
      process.kill(gateway.pid, "SIGTERM");
      await waitUntil(() => gateway.printed.includes("draining"));
      const code = await gateway.end("SIGTERM");
      expect(code).toBe(130);
      await stream.rest().catch(() => "cut off");
      const again = await startGateway({
        dataFolder: gateway.dataFolder,
        configuration: configurationFor(upstream.url),
      });
      const { attempts } = await waitForEndedAttempts(again, 1);
      expect(attempts.map(({ outcome }) => outcome)).toEqual(["interrupted"]);
      await again.end("SIGKILL");
    } finally {
      await gateway.dispose();
    }
  });
});

test("during a start it ends too, and the next start has all it needs: the keys were shown once, now or then", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-test-"));
  try {
    let printed = "";
    for (const afterMs of [0, 100, 200, 300, 500]) {
      const child = Bun.spawn([join(import.meta.dir, "../../gatehouse"), "serve"], {
        cwd: folder,
        env: { PATH: process.env["PATH"], PORT: "0", GATEHOUSE_DATA: join(folder, "data") },
        stdout: "ignore",
        stderr: "pipe",
      });
      await Bun.sleep(afterMs);
      child.kill("SIGTERM");
      // 143 where it came before the gateway could hear it.
      expect([0, 143]).toContain(await child.exited);
      printed += await text(child.stderr);
    }
    const started = await startGateway({ dataFolder: folder });
    try {
      const keys = (printed + started.printed).match(/virtual key +gh_[\w-]+/g) ?? [];
      expect(keys).toHaveLength(1);
      const authorization = `Bearer ${keys[0]?.split(" ").at(-1)}`;
      expect((await fetch(`${started.url}/v1/models`, { headers: { authorization } })).status).toBe(200);
    } finally {
      await started.end("SIGKILL");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** 0 where nobody listens any more. */
async function readiness(): Promise<number> {
  return fetch(`${gateway.url}/health/ready`, { headers: { connection: "close" } }).then(
    ({ status }) => status,
    () => 0,
  );
}

/** A stream of which the first part has come. */
async function openStream(model: string): Promise<{ rest(): Promise<string> }> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], stream: true }),
  });
  expect(answer.status).toBe(200);
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error("a stream without a body");
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader.read()).value, { stream: true });
  return {
    async rest() {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += decoder.decode(value, { stream: true });
      }
    },
  };
}
