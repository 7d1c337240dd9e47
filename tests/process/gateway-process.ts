import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";

const ROOT = resolve(import.meta.dir, "../..");
const START_LIMIT_MS = 15_000;

/** How a gateway is to be started. */
export interface GatewayOptions {
  /** The text of its gatehouse.yaml; without it there is no file. */
  readonly configuration?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** To start again on the data of one that ended. */
  readonly dataFolder?: string;
}

/** A real gateway process on a free port. */
export interface GatewayProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataFolder: string;
  /** The keys that its first start printed; empty at a later start. */
  readonly adminKey: string;
  readonly virtualKey: string;
  /** What it printed for people. */
  readonly printed: string;
  /** The request log so far. */
  log(): string;
  /** Runs the command line on the same data. */
  command(...words: readonly string[]): Promise<CommandResult>;
  /** Sends a signal and waits for the end; gives the exit code. */
  end(signal?: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<number>;
  /** Waits for an end that was brought about otherwise; gives the exit code. */
  exited(): Promise<number>;
  /** Ends it if need be and removes its data. */
  dispose(): Promise<void>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a gateway and waits until it says where it listens. Throws with what it printed if it does not start. */
export async function startGateway(options: GatewayOptions = {}): Promise<GatewayProcess> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "gatehouse-test-"));
  const environment = environmentFor(options, dataFolder);
  const child = Bun.spawn([join(ROOT, "gatehouse"), "serve"], {
    cwd: dataFolder,
    env: environment,
    stdout: "pipe",
    stderr: "pipe",
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  await waitUntil(() => stderr.text.includes("Providers:") || child.exitCode !== null, START_LIMIT_MS);
  await waitUntil(() => stderr.text.endsWith("\n") || child.exitCode !== null, START_LIMIT_MS);
  const url = /listens on (http:\S+)/.exec(stderr.text)?.[1];
  if (url === undefined) throw new Error(`the gateway did not start:\n${stderr.text}`);
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid,
    dataFolder,
    adminKey: /admin key +(gha_[\w-]+)/.exec(stderr.text)?.[1] ?? "",
    virtualKey: /virtual key +(gh_[\w-]+)/.exec(stderr.text)?.[1] ?? "",
    get printed() {
      return stderr.text;
    },
    log: () => stdout.text,
    command: (...words) => runGatehouse(words, environment, dataFolder),
    async end(signal = "SIGTERM") {
      child.kill(signal);
      return await child.exited;
    },
    exited: () => child.exited,
    async dispose() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Runs one command to its end. */
export async function runGatehouse(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Promise<CommandResult> {
  const child = Bun.spawn([join(ROOT, "gatehouse"), ...words], {
    cwd: folder,
    env: { ...baseEnvironment(), ...environment },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await child.exited, stdout, stderr };
}

/** Waits for a condition by asking again; throws when the limit has passed. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  limitMs = 5000,
  what = "the condition",
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`${what} did not come true within ${limitMs} ms`);
    await Bun.sleep(10);
  }
}

function environmentFor(options: GatewayOptions, dataFolder: string): Record<string, string> {
  const file = join(dataFolder, "gatehouse.yaml");
  if (options.configuration !== undefined) writeFileSync(file, options.configuration);
  return {
    ...baseEnvironment(),
    PORT: "0",
    GATEHOUSE_DATA: join(dataFolder, "data"),
    ...(options.configuration === undefined ? {} : { GATEHOUSE_CONFIG: file }),
    ...options.environment,
  };
}

/** Only what a process needs: no provider's key of whoever runs the tests. */
function baseEnvironment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
}

function collect(stream: ReadableStream<Uint8Array>): { readonly text: string } {
  const collected = { text: "" };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of stream) collected.text += decoder.decode(chunk, { stream: true });
  })();
  return collected;
}
