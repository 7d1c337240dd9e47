/** Starts the streaming upstream and runs the streaming load: what both kinds of stream workload share. */
import { join } from "node:path";
import { requestBody } from "./chat-events.ts";
import type { Running, Upstream } from "./contenders.ts";
import { freePort, type Launched, LOAD_CORE, launch, waitForPort } from "./processes.ts";
import type { LoadOrder } from "./stream-load.ts";
import type { Settings } from "./workload.ts";

/** Starts `stream-upstream.ts` in one of its modes. */
export async function startStreamUpstream(
  settings: Settings,
  mode: string[],
  dialect: Upstream["dialect"] = "openai-chat",
): Promise<{ upstream: Upstream; child: Launched }> {
  const port = await freePort();
  const command = [process.execPath, join(import.meta.dir, "stream-upstream.ts"), String(port), ...mode];
  const child = launch({ command, core: LOAD_CORE });
  await waitForPort(port, child);
  return { child, upstream: { port, isStreaming: true, dialect, directory: settings.directory } };
}

/** The command of one streaming load against a contender. */
export function streamLoad(
  running: Running,
  order: Pick<LoadOrder, "streams" | "openingMilliseconds" | "expectedText" | "holdSeconds">,
): string[] {
  const { port, path, headers, model } = running;
  const body = requestBody({ model, bytes: 300, stream: true });
  const whole: LoadOrder = { port, path, headers, body, ...order };
  return [process.execPath, join(import.meta.dir, "stream-load.ts"), JSON.stringify(whole)];
}
