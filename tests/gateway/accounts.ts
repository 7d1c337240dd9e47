import { afterAll, beforeAll, beforeEach, setDefaultTimeout } from "bun:test";
import type { AttemptRow, RequestRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type ReplayServer, refusedPort, type Scenario, startReplayServer } from "../upstream/client.ts";

/** Recorded streams, with a report of usage and without. */
export const USAGE = { kind: "stream-recording", recording: "openai/openai-chat-usage" } as const;
export const NO_USAGE = { kind: "stream-recording", recording: "openai/openai-chat-no-usage" } as const;
export const PROMPT = "Who goes there, at this hour, and with whose leave? ".repeat(8);

/** What `runAccounted` started. */
export let upstream: ReplayServer;
export let gateway: GatewayProcess;

/** A gateway before a replay server, for the tests of a file; scenarios and calls are cleared before each. */
export function runAccounted(): void {
  setDefaultTimeout(20_000);

  beforeAll(async () => {
    upstream = await startReplayServer();
    gateway = await startGateway({ configuration: configuration(await refusedPort()) });
  });

  beforeEach(async () => {
    await upstream.clearScenarios();
    await upstream.clearCalls();
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.stop();
  });
}

/** A provider that answers, one that is gone and one that is not waited for. */
function configuration(gonePort: number): string {
  const provider = (name: string, url: string, more = "") =>
    `  ${name}: { dialect: openai-chat, base_url: "${url}/v1", key: ${UPSTREAM_KEY}${more} }`;
  return [
    "providers:",
    provider("replay", upstream.url),
    provider("gone", `http://127.0.0.1:${gonePort}`),
    provider("slow", upstream.url, ", timeouts: { first_byte_ms: 300, between_bytes_ms: 300 }"),
    "routes:",
    "  spare: { strategy: priority, targets: [replay/broken, replay/priced] }",
    "prices:",
    "  replay/priced: { input: 1, output: 2 }",
    "  replay/cached: { input: 1.5, cached_input: 0.3, output: 7 }",
    "  replay/half: { input: 0.0005, output: 0.0005 }",
    "  replay/each: { input: 0, output: 0, per_request: 0.01 }",
    "  replay/halved: { input: 1, output: 2, service_tiers: { flex: { factor: 0.5 } } }",
    "  gone/priced: { input: 1, output: 2 }",
    "  slow/priced: { input: 1, output: 2 }",
    "log: { content_of_projects: [diary] }",
    "",
  ].join("\n");
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Accounts {
  readonly attempts: readonly AttemptRow[];
  /** The last of them. */
  readonly attempt: AttemptRow;
  readonly request: RequestRow;
  readonly response: Answer;
  /** The request's body. */
  readonly sent: string;
}

/** A provider's refusal with a status and its own code. */
export function refusal(status: number, code: string): Scenario {
  const text = JSON.stringify({ error: { message: "No.", type: "some_error", param: null, code } });
  return { status, body: { kind: "text", text, contentType: "application/json" } };
}

/** A call of chat completions, and what it left behind. */
export function chat(members: object): Promise<Accounts> {
  return call("/v1/chat/completions", { messages: [{ role: "user", content: PROMPT }], ...members });
}

/** Makes a call, reads its answer to the end, and waits for its rows. */
export async function call(path: string, body: object): Promise<Accounts> {
  const response = await post(path, body, gateway);
  const id = response.headers.get("x-request-id");
  await waitForLedger(gateway, ({ requests }) =>
    requests.some((row) => row.id === id && row.outcome !== null),
  );
  const rows = readLedger(gateway);
  const request = rows.requests.find((row) => row.id === id);
  const attempts = rows.attempts.filter((row) => row.request_id === id);
  if (request === undefined) throw new Error("no row");
  return {
    attempts,
    get attempt() {
      const last = attempts.at(-1);
      if (last === undefined) throw new Error(`no attempt: ${response.text}`);
      return last;
    },
    request,
    response,
    sent: JSON.stringify(body),
  };
}

/** Calls the gateway and reads its answer to the end. */
export async function post(
  path: string,
  body: object,
  to: GatewayProcess,
  key = to.virtualKey,
): Promise<Answer> {
  const answer = await fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
