import { createServer } from "node:net";
import { join } from "node:path";
import type { CallRecord } from "./call-log.ts";
import { listRecordingsIn, type RecordingListing, recordingFolders } from "./recordings.ts";
import type { Scenario } from "./scenario.ts";
import type { ConnectionCount } from "./server.ts";

export type { CallRecord } from "./call-log.ts";
export type { RecordingListing } from "./recordings.ts";
export type { Body, Fault, Newline, Scenario, Split, StreamOptions } from "./scenario.ts";

/** A replay server, running as a process of its own, and all that a test does with it. */
export interface ReplayServer {
  /** `http://127.0.0.1:<port>`, without a path and without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /**
   * Says how calls whose body has this model, or whose path (without query) is this, are answered. A list is worked
   * off call by call, and its last scenario stays. The name `default` answers what no other name fits.
   */
  scenario(name: string, scenario: Scenario | readonly Scenario[]): Promise<void>;
  scenarios(scenarios: Readonly<Record<string, Scenario | readonly Scenario[]>>): Promise<void>;
  /** Back to the default scenario alone. */
  clearScenarios(): Promise<void>;
  calls(): Promise<readonly CallRecord[]>;
  /** Cheaper than `calls()` under load. */
  callCount(): Promise<number>;
  clearCalls(): Promise<void>;
  /** Polls until the predicate holds, and gives the calls it held for; throws with a summary if it never does. */
  waitForCalls(
    predicate: (calls: readonly CallRecord[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly CallRecord[]>;
  connections(): Promise<Readonly<ConnectionCount>>;
  listRecordings(): readonly RecordingListing[];
  /** Ends the process; open connections are cut. */
  stop(): Promise<void>;
}

export interface ReplayServerOptions {
  /** A fixed port, to come back on the one that was there before. Default: any. */
  readonly port?: number;
  /** The folder of shared recordings. Default: `../shared/recordings` beside the project. */
  readonly recordings?: string;
}

const POLL_MS = 5;

export async function startReplayServer(options: ReplayServerOptions = {}): Promise<ReplayServer> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), "--exit-with-stdin"], {
    env: {
      ...process.env,
      PORT: String(options.port ?? 0),
      CONTROL_PORT: "0",
      ...(options.recordings === undefined ? {} : { RECORDINGS: options.recordings }),
    },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { port, controlPort }: { port: number; controlPort: number } = JSON.parse(
    await firstLine(child.stdout),
  );

  async function control(method: string, path: string, body?: unknown): Promise<Response> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${controlPort}/_control/${path}`, init);
    if (!response.ok) throw new Error(`replay server refused ${method} ${path}: ${await response.text()}`);
    return response;
  }

  const server: ReplayServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    scenario: (name, scenario) => server.scenarios({ [name]: scenario }),
    scenarios: async (scenarios) => {
      await control("POST", "scenarios", scenarios);
    },
    clearScenarios: async () => {
      await control("DELETE", "scenarios");
    },
    calls: async () => (await control("GET", "calls")).json() as Promise<CallRecord[]>,
    callCount: async () => {
      const { count } = (await (await control("GET", "calls/count")).json()) as { count: number };
      return count;
    },
    clearCalls: async () => {
      await control("DELETE", "calls");
    },
    waitForCalls: async (predicate, timeoutMs = 5_000) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const calls = await server.calls();
        if (predicate(calls)) return calls;
        if (Date.now() > deadline) throw new Error(`no such calls in ${timeoutMs} ms: ${summary(calls)}`);
        await Bun.sleep(POLL_MS);
      }
    },
    connections: async () => (await control("GET", "connections")).json() as Promise<ConnectionCount>,
    listRecordings: () => listRecordingsIn(recordingFolders(options.recordings)),
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
  return server;
}

/** A port on which connections are refused. It was free a moment ago, and nothing is told of it. */
export async function refusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}

async function firstLine(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of output) {
    text += decoder.decode(bytes, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error(`the replay server ended before it listened: ${text}`);
}

function summary(calls: readonly CallRecord[]): string {
  const lines = calls
    .slice(-20)
    .map((call) => `${call.sequence} ${call.scenario} ${call.outcome} ${call.bytesSent} bytes`);
  return `${calls.length} calls, the last: ${lines.join("; ") || "none"}`;
}
