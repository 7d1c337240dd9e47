/** Who is measured. A new contender is one value in `contenders`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startReverseProxy } from "./nginx.ts";
import { CONTENDER_CORE, freePort, type Launched, launch, stop, waitForPort } from "./processes.ts";

/** What a contender relays to. */
export interface Upstream {
  port: number;
  isStreaming: boolean;
  /** What it speaks; the load always speaks OpenAI's chat. */
  dialect: "openai-chat" | "anthropic-messages";
  /** Where a contender may put its files; removed at the end. */
  directory: string;
}

/** A contender that is up, and how to call it. */
export interface Running {
  port: number;
  /** Whose CPU and memory is measured; undefined when nothing stands between load and upstream. */
  pid: number | undefined;
  headers: Record<string, string>;
  model: string;
  path: string;
  stop(): Promise<void>;
}

/** One way from the load to the upstream. */
export interface Contender {
  name: string;
  /** One line for the reader of the table. */
  about: string;
  start(upstream: Upstream): Promise<Running>;
}

const ROOT = join(import.meta.dir, "..");
const PATH = "/v1/chat/completions";
/** Bun's fetch allows 256 requests at once unless this is set before the process starts. */
const MANY_FETCHES = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" };

const bare = { headers: { authorization: "Bearer bench-key" }, model: "bench-model", path: PATH };

/** The load calls the upstream itself: what the others' times are compared with. */
export const direct: Contender = {
  name: "direct",
  about: "the load calls the upstream itself, nothing in between",
  start: async ({ port }) => ({ ...bare, port, pid: undefined, stop: async () => {} }),
};

export const nginx: Contender = {
  name: "nginx",
  about:
    "nginx as a bare reverse proxy in C: one worker, kept-alive upstream connections, no buffering of streams",
  start: async ({ directory, port: upstreamPort, isStreaming }) => {
    const port = await freePort();
    const child = await startReverseProxy({
      directory,
      port,
      core: CONTENDER_CORE,
      upstreamPort,
      isStreaming,
    });
    return { ...bare, ...processOf(child), port };
  },
};

export const barestRelay: Contender = {
  name: "barest relay",
  about: "the least code that relays on the gateway's own runtime: no check, no key, no record",
  start: async (upstream) => {
    const port = await freePort();
    const env = { ...MANY_FETCHES, PORT: String(port), UPSTREAM: `http://127.0.0.1:${upstream.port}${PATH}` };
    const command = [process.execPath, join(import.meta.dir, "barest-relay.ts")];
    const child = launch({ command, core: CONTENDER_CORE, env });
    await waitForPort(port, child);
    return { ...bare, ...processOf(child), port };
  },
};

export const gateway: Contender = {
  name: "gatehouse",
  about: "the gateway with everything on: virtual key, limits, journal, usage and cost of each call",
  start: (upstream) => joinGateway(upstream, "bench/bench-model"),
};

const ROUTED_TARGETS = Array.from({ length: 20 }, (_, place) => `bench/bench-${place + 1}`);

/** What a choice costs: of each target its health, its places, its speed as learnt. */
export const routedGateway: Contender = {
  name: "gatehouse, routed",
  about: `the same, the model an alias of ${ROUTED_TARGETS.length} targets, the one that answers soonest asked first`,
  start: (upstream) => joinGateway(upstream, "alias"),
};

/** All contenders in the order of the table. The times of `direct` are what the others' added times refer to. */
export const contenders: readonly Contender[] = [direct, nginx, barestRelay, gateway, routedGateway];

interface SharedGateway {
  readonly running: Promise<Omit<Running, "model">>;
  users: number;
}

const gateways = new Map<Upstream, SharedGateway>();

/**
 * Both gateways of a workload are one process. Two of the same code differ by some 3 % in what the runtime's compiler
 * makes of them: more than the difference that is looked for.
 */
async function joinGateway(upstream: Upstream, model: string): Promise<Running> {
  const shared = gateways.get(upstream) ?? { running: startGateway(upstream), users: 0 };
  gateways.set(upstream, shared);
  shared.users++;
  const running = await shared.running;
  const leave = async (): Promise<void> => {
    if (--shared.users > 0) return;
    gateways.delete(upstream);
    await running.stop();
  };
  return { ...running, model, stop: leave };
}

async function startGateway(upstream: Upstream): Promise<Omit<Running, "model">> {
  const port = await freePort();
  const env = gatewayEnvironment(upstream, port);
  const key = await gatewayKey(env);
  const child = launch({ command: [join(ROOT, "gatehouse"), "serve"], core: CONTENDER_CORE, env });
  try {
    await waitForPort(port, child);
  } catch (error) {
    await stop(child);
    throw new Error(`${error instanceof Error ? error.message : error}; it says:\n${lastWords(env)}`);
  }
  return { ...processOf(child), port, path: PATH, headers: bearer(key) };
}

function processOf(child: Launched): Pick<Running, "pid" | "stop"> {
  return { pid: child.pid, stop: () => stop(child) };
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/** Writes a fresh configuration and data directory, and gives the environment that names them. */
function gatewayEnvironment(upstream: Upstream, port: number): Record<string, string> {
  const data = join(upstream.directory, `gatehouse-${port}`);
  const configuration = join(data, "gatehouse.yaml");
  mkdirSync(data, { recursive: true });
  writeFileSync(
    configuration,
    `providers:
  bench:
    dialect: ${upstream.dialect}
    base_url: http://127.0.0.1:${upstream.port}/v1
    key: bench-key
    models: [bench-model]
routes:
  alias: { strategy: lowest-latency, targets: [${ROUTED_TARGETS.join(", ")}] }
`,
  );
  const names = { GATEHOUSE_DATA: data, GATEHOUSE_CONFIG: configuration };
  return { ...MANY_FETCHES, ...names, HOST: "127.0.0.1", PORT: String(port) };
}

async function gatewayKey(env: Record<string, string>): Promise<string> {
  const command = [
    join(ROOT, "gatehouse"),
    "keys",
    "create",
    "--project",
    "bench",
    "--name",
    "bench",
    "--json",
  ];
  const result = Bun.spawnSync(command, { env: { ...process.env, ...env }, timeout: 20_000 });
  if (!result.success)
    throw new Error(`\`gatehouse keys create\` failed:\n${result.stderr.toString().trim()}`);
  return JSON.parse(result.stdout.toString()).key;
}

/** What the gateway prints when it does not start; in the measured run its output goes to /dev/null. */
function lastWords(env: Record<string, string>): string {
  const result = Bun.spawnSync([join(ROOT, "gatehouse"), "serve"], {
    env: { ...process.env, ...env },
    timeout: 5000,
  });
  return `${result.stderr}${result.stdout}`.trim().slice(-2000);
}
