import { afterAll, beforeAll } from "bun:test";
import { readFileSync } from "node:fs";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { configurationFor } from "../process/pair.ts";
import { MESSAGES } from "../sdk/clients.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** Bytes. */
export const MIB = 1024 * 1024;
export const BODY_LIMIT = 256 * 1024;

/** The contracts under which each bound is tried. */
export const PATHS = ["/v1/chat/completions", "/generate"] as const;

/** What `runBounded` started. */
export let upstream: ReplayServer;
export let gateway: GatewayProcess;

/** A gateway with a small limit on bodies before a replay server, for the tests of a file. */
export function runBounded(): void {
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
}

/** A request by a path's contract. */
export function bodyFor(path: string, model: string, stream: boolean): object {
  const target = { model: `replay/${model}`, stream };
  return path === "/generate" ? { ...target, prompt: "Count." } : { ...target, messages: MESSAGES };
}

/** Calls a gateway. */
export function post(path: string, body: object, to: GatewayProcess = gateway): Promise<Response> {
  return fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.virtualKey}` },
    body: JSON.stringify(body),
  });
}

/** Waits until the gateway's own metrics say that no call is under way. */
export async function nothingInFlight(of: GatewayProcess = gateway): Promise<void> {
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
export function memory(of: GatewayProcess = gateway): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${of.pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}

/** The least memory of a while in which it no longer falls: what is held, less what waits to be collected. */
export async function settledMemory(of: GatewayProcess = gateway): Promise<number> {
  let least = memory(of);
  for (let quiet = 0; quiet < 8; quiet++) {
    await Bun.sleep(100);
    const now = memory(of);
    if (now < least - MIB) quiet = 0;
    least = Math.min(least, now);
  }
  return least;
}

/** Bytes as people read them. */
export function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
