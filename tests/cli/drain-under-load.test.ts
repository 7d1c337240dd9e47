import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Load, startLoad } from "../config/live-gateway.ts";
import { type Callee, makeCall } from "../gateway/numbered-calls.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** SIGTERM while streams run that would go on for a minute and other calls come in all the time. */

setDefaultTimeout(60_000);

const STREAMS = 60;
/** What an end takes at least with these calls in flight where the configured deadline isn't kept to. */
const USUAL_DRAIN_MS = 25_000;
let upstream: ReplayServer;

beforeAll(async () => {
  upstream = await startReplayServer();
  await upstream.scenarios({
    // It begins at once, and what follows would take a minute and more.
    minute: { fault: { kind: "hang-mid-stream", afterEvents: 3 } },
    silent: { fault: { kind: "hang-before-headers" } },
  });
});
afterAll(() => upstream.stop());

test("under load with streams of 60 s: they are told, no row is left open, and it ends at the deadline", async () => {
  const shutdown = "server: { shutdown: { unready_ms: 1000, drain_ms: 2000 } }\n";
  const gateway = await startGateway({ configuration: configurationFor(upstream.url) + shutdown });
  try {
    const streams = calls(gateway, "minute", STREAMS, true);
    const silent = calls(gateway, "silent", 5, false);
    await upstream.waitForCalls((seen) => seen.length === STREAMS + 5, 30_000);
    const load = startLoad(gateway, "replay/x", 4);
    await waitUntil(() => load.made() > 20, 20_000, "calls");
    const toldMs = performance.now();
    process.kill(gateway.pid, "SIGTERM");
    await seenUnready(gateway);
    await expectTaken(load, "while it is not ready it still takes calls");
    expect(await gateway.exited()).toBe(0);
    expect(performance.now() - toldMs).toBeLessThan(USUAL_DRAIN_MS);
    for (const { status, text } of await Promise.all(streams)) {
      expect(status).toBe(200);
      expect(text).toContain('"code":"draining"');
      expect(text).not.toContain("[DONE]");
    }
    for (const { status, text } of await Promise.all(silent)) {
      expect([status, JSON.parse(text).error.code]).toEqual([503, "draining"]);
    }
    // The load's calls ended well, or found nobody any more: none was cut off without a word.
    const failed = await load.stop();
    expect(failed.filter(({ status, text }) => status !== 0 && !text.includes('"draining"'))).toEqual([]);
    await expectSettled(gateway, load.made() - failed.length);
  } finally {
    await gateway.dispose();
  }
});

test("a deadline of 0 waits for nobody, and whoever is cut off is told", async () => {
  const shutdown = "server: { shutdown: { drain_ms: 0 } }\n";
  const gateway = await startGateway({ configuration: configurationFor(upstream.url) + shutdown });
  try {
    await upstream.clearCalls();
    const streams = calls(gateway, "minute", 3, true);
    await upstream.waitForCalls((seen) => seen.length === 3);
    const toldMs = performance.now();
    expect(await gateway.end("SIGTERM")).toBe(0);
    expect(performance.now() - toldMs).toBeLessThan(USUAL_DRAIN_MS);
    for (const { text } of await Promise.all(streams)) expect(text).toContain('"code":"draining"');
  } finally {
    await gateway.dispose();
  }
});

function calls(callee: Callee, model: string, count: number, stream: boolean) {
  return Array.from({ length: count }, (_, number) =>
    makeCall(callee, { number, model, stream, contract: "openai-chat" }),
  );
}

async function seenUnready({ url }: GatewayProcess): Promise<void> {
  await waitUntil(
    async () => {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      if (answer?.status !== 503) return answer === undefined;
      expect(await answer.json()).toMatchObject({ status: "not ready", reason: "draining" });
      return true;
    },
    10_000,
    "not ready",
  );
}

async function expectTaken(load: Load, what: string): Promise<void> {
  const made = load.made();
  await waitUntil(() => load.made() > made, 10_000, what);
}

/** What a slow store had no time for is in the journal: the next start moves it, and has nothing to end itself. */
async function expectSettled(gateway: GatewayProcess, well: number): Promise<void> {
  const expected = { minute: STREAMS, silent: 5 };
  let { attempts } = readLedger(gateway);
  if (attempts.some(({ outcome }) => outcome === null)) {
    const configuration = configurationFor(upstream.url);
    const again = await startGateway({ dataFolder: gateway.dataFolder, configuration });
    ({ attempts } = await waitForLedger(again, (rows) => rows.attempts.every((row) => row.outcome !== null)));
    await again.end("SIGKILL");
  }
  for (const [model, count] of Object.entries(expected)) {
    const rows = attempts.filter((row) => row.model === model);
    const ends = rows.map(({ outcome, error_code }) => `${outcome} ${error_code}`);
    expect([model, ends]).toEqual([model, Array(count).fill("interrupted draining")]);
  }
  expect(attempts.filter(({ outcome }) => outcome === "ok").length).toBeGreaterThanOrEqual(well);
  expect(attempts.filter(({ outcome }) => outcome === null)).toEqual([]);
}
