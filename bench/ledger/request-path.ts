import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const RATE = 150;

/** A gateway on a data folder, and an upstream that answers at once. */
export interface Path {
  readonly url: string;
  readonly adminKey: string;
  /** Calls at a fixed rate for so many seconds; gives their durations in milliseconds. */
  load(seconds: number): Promise<number[]>;
  /** Processor time that the serving thread has taken so far, in milliseconds; a hundredth of a second exact. */
  servingMs(): number;
  stop(): Promise<void>;
}

const ANSWER = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});

/** Starts both. Throws where the gateway does not start. */
export async function startPath(dataFolder: string): Promise<Path> {
  const upstream = Bun.serve({
    port: 0,
    fetch: () => new Response(ANSWER, { headers: { "content-type": "application/json" } }),
  });
  const configuration = join(dataFolder, "bench.yaml");
  await Bun.write(
    configuration,
    `providers:\n  bench: { dialect: openai-chat, base_url: "http://127.0.0.1:${upstream.port}/v1" }\n`,
  );
  const child = Bun.spawn([join(ROOT, "gatehouse"), "serve"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      PORT: "0",
      GATEHOUSE_DATA: dataFolder,
      GATEHOUSE_CONFIG: configuration,
    },
    stdout: "ignore",
    stderr: "pipe",
  });
  const { url, adminKey, virtualKey } = await printed(child.stderr);
  return {
    url,
    adminKey,
    load: (seconds) => load(url, virtualKey, seconds),
    servingMs: () => threadMs(child.pid),
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      await upstream.stop(true);
    },
  };
}

const TICK_MS = 10;

/** A process's first thread is the one that serves (proc_pid_stat(5): utime and stime). */
function threadMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8");
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user + system) * TICK_MS;
}

async function printed(stderr: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stderr) {
    text += decoder.decode(bytes);
    const url = /listens on (http:\S+)/.exec(text)?.[1];
    const adminKey = /admin key +(gha_[\w-]+)/.exec(text)?.[1];
    const virtualKey = /virtual key +(gh_[\w-]+)/.exec(text)?.[1];
    if (url !== undefined && adminKey !== undefined && virtualKey !== undefined)
      return { url, adminKey, virtualKey };
  }
  throw new Error(`the gateway did not start:\n${text}`);
}

/** Each call has its moment, whether those before it are answered or not: a stall shows in all that it holds up. */
async function load(url: string, key: string, seconds: number): Promise<number[]> {
  const body = JSON.stringify({ model: "bench/m", messages: [{ role: "user", content: "Hi" }] });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const startMs = performance.now();
  const calls: Promise<number>[] = [];
  for (let number = 0; number < RATE * seconds; number++) {
    const dueMs = startMs + (number * 1000) / RATE;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await Bun.sleep(waitMs);
    calls.push(
      fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body })
        .then((answer) => answer.text())
        .then(() => performance.now() - dueMs),
    );
  }
  return Promise.all(calls);
}
