import { afterAll, beforeAll, expect } from "bun:test";
import type OpenAI from "openai";
import type { AttemptRow, RequestRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { type LedgerRows, waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { openaiClient } from "../sdk/clients.ts";
import { type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";

/** A chunk of the stream that the provider has. */
const chunk = (delta: object, finish: string | null = null) =>
  JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

/** What the provider's stream says, its payloads, its events as bytes, and all of these. */
export const WORDS = ["One", ", two", ", drei ✓", "."];

export const PAYLOADS = [
  chunk({ role: "assistant", content: "" }),
  ...WORDS.map((content) => chunk({ content })),
  chunk({}, "stop"),
];

export const EVENTS = [...PAYLOADS.map((payload) => `data: ${payload}\n\n`), "data: [DONE]\n\n"].map((text) =>
  Buffer.from(text),
);

export const FULL = Buffer.concat(EVENTS);

/** The provider's stream, as a scenario's body. */
export const STREAM = { kind: "events", events: PAYLOADS } as const;

/** A whole body as it stands. */
export const text = (body: string, contentType = "text/event-stream") =>
  ({ body: { kind: "text", text: body, contentType } }) as const;

/** What `runHonestStreams` started. */
export let upstream: ReplayServer;
export let gateway: GatewayProcess;
let openai: OpenAI;

/**
 * A gateway before a replay server, for the tests of a file: with a configuration made of the usual one, and with what
 * the server answers from the beginning.
 */
export function runHonestStreams(
  configured: (configuration: string) => string | Promise<string> = (configuration) => configuration,
  scenarios: Readonly<Record<string, Scenario>> = {},
): void {
  beforeAll(async () => {
    upstream = await startReplayServer();
    gateway = await startGateway({ configuration: await configured(configurationFor(upstream.url)) });
    openai = openaiClient({ url: gateway.url, key: gateway.virtualKey });
    await upstream.scenarios(scenarios);
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.stop();
  });
}

/** What a client was told. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string;
  readonly body: string;
}

/** Calls, and what the client was told. */
export function chat(model: string, stream: boolean): Promise<Told> {
  return call("/v1/chat/completions", { model, stream, messages: [{ role: "user", content: "Count." }] });
}

export function generate(model: string, stream: boolean): Promise<Told> {
  return call("/generate", { model, stream, prompt: "Count." });
}

async function call(path: string, body: object): Promise<Told> {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify(body),
  });
  const requestId = response.headers.get("x-request-id") ?? "";
  return { status: response.status, headers: response.headers, requestId, body: await response.text() };
}

/** What the SDK throws for a stream. */
export async function errorOfStream(model: string): Promise<unknown> {
  try {
    const stream = await openai.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: "user", content: "Count." }],
    });
    for await (const _ of stream);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

/** An error in the form of its own contract, with a status. */
export function expectEnvelope({ status, headers, requestId, body }: Told): void {
  const verbatim = status === 500;
  expect(status).toBeGreaterThanOrEqual(500);
  expect(headers.get("content-type")).toContain("application/json");
  const { error } = JSON.parse(body);
  expect(error.message).toBeString();
  if (!verbatim) expect(error).toMatchObject({ request_id: requestId, mend: expect.any(String) });
  expect(body).not.toContain("[DONE]");
}

/** Whole events of the recording, then one error event, then nothing. */
export function expectBroken({ status, requestId, body }: Told, delivered: Buffer): void {
  expect(status).toBe(200);
  expect(body.slice(0, delivered.toString().length)).toBe(delivered.toString());
  const rest = body.slice(delivered.toString().length);
  expect(rest).toMatch(/^data: \{"error":.*\}\n\n$/);
  const { error } = JSON.parse(rest.slice("data: ".length));
  expect(error).toMatchObject({
    message: expect.any(String),
    code: expect.any(String),
    request_id: requestId,
  });
}

/** One attempt, that failed, as the request has. */
export async function expectFailed(told: Told): Promise<void> {
  const { request, attempts } = await rowsOf(told);
  expect(request).toMatchObject({ outcome: "failed", status: told.status });
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed"]);
}

/** The request's row and those of its attempts, once it has ended. */
export async function rowsOf({
  requestId,
}: Told): Promise<{ request: RequestRow | undefined; attempts: readonly AttemptRow[] }> {
  const own = ({ requests, attempts }: LedgerRows) => ({
    request: requests.find(({ id }) => id === requestId),
    attempts: attempts.filter(({ request_id }) => request_id === requestId),
  });
  const rows = await waitForLedger(gateway, (found) => {
    const { request, attempts } = own(found);
    return request !== undefined && request.outcome !== null && attempts.length === request.attempts;
  });
  return own(rows);
}

/** Where the first so many events end, in bytes. */
export function endOf(events: number): number {
  return EVENTS.slice(0, events).reduce((sum, event) => sum + event.length, 0);
}
