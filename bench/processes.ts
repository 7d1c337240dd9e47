/** Starts processes on one core each, remembers them, and stops them all at the end, whatever that end is. */
import { connect, createServer } from "node:net";

/** The core of the contender under measurement. */
export const CONTENDER_CORE = 0;
/** The core of everything else: load and upstream. */
export const LOAD_CORE = 1;

/** What to start, and on which core. */
export interface Launch {
  command: string[];
  core: number;
  env?: Record<string, string>;
  /** Whether the caller reads standard output; otherwise it goes to /dev/null. */
  readsOutput?: boolean;
}

/** Anything started by `launch`. */
export type Launched = ReturnType<typeof launch>;

const running = new Set<Launched>();
let isEnding = false;

/** As many open files as the hard limit allows: 5,000 relayed streams need 10,000. */
const RAISE_FILES = 'ulimit -n "$(ulimit -Hn)"; exec "$@"';

/** Starts a process pinned to a core. `taskset` and the shell replace themselves, so the pid is the program's. */
export function launch({ command, core, env, readsOutput }: Launch) {
  throwIfEnding();
  const child = Bun.spawn(["sh", "-c", RAISE_FILES, "sh", "taskset", "-c", String(core), ...command], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: readsOutput ? "pipe" : "ignore",
    stderr: readsOutput ? "inherit" : "ignore",
  });
  running.add(child);
  child.exited.then(() => running.delete(child));
  return child;
}

/**
 * Keeps both cores from halting while `work` runs, by spinners of the idle priority, which give way to all else.
 * Waking a halted core of a virtual machine takes longer than a relay does, and would be all that is measured.
 */
export async function withCoresAwake<T>(work: () => Promise<T>): Promise<T> {
  const command = ["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"];
  const spinners = [CONTENDER_CORE, LOAD_CORE].map((core) => launch({ command, core }));
  try {
    return await work();
  } finally {
    await Promise.all(spinners.map(stop));
  }
}

/** Runs a process to its end and gives what it printed; throws when it failed. */
export async function runToEnd(options: Omit<Launch, "readsOutput">): Promise<string> {
  const child = launch({ ...options, readsOutput: true });
  const text = await outputOf(child);
  const code = await child.exited;
  if (code !== 0) throw new Error(`${options.command[0]} ended with ${code}: ${text.slice(0, 500)}`);
  return text;
}

/** All that a process prints. */
async function outputOf(child: Launched): Promise<string> {
  return child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
}

/** The first line that a process prints; the process goes on. */
export async function firstLineOf(child: Launched): Promise<string> {
  if (!(child.stdout instanceof ReadableStream)) throw new Error("its output is not read");
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error(`it ended before it printed a line: ${text}`);
}

/** Ends one process: asks, and after two seconds insists. */
export async function stop(child: Launched): Promise<void> {
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), 2000);
  await child.exited;
  clearTimeout(insist);
}

/** Ends everything that still runs. */
export async function stopAll(): Promise<void> {
  isEnding = true;
  await Promise.all([...running].map(stop));
}

/** Keeps the bench from going on, and from reporting what was cut short. */
export function throwIfEnding(): void {
  if (isEnding) throw new Error("stopped before its end");
}

/** Ends everything on Ctrl-C and on termination, too; the bench then leaves by its usual way out. */
export function stopAllOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      process.exitCode = 130;
      stopAll();
    });
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => (port ? resolve(port) : reject(new Error("no free port"))));
    });
  });
}

/** Waits until something listens on the port; throws when the process ended or 10 seconds went by. */
export async function waitForPort(port: number, child: Launched): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (await accepts(port)) return;
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode} instead of listening`);
    await Bun.sleep(50);
  }
  throw new Error("it did not listen within 10 s");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}
