import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { estimateTokenCount } from "tokenx";
import type { AttemptRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor, type Pair, startPair } from "../process/pair.ts";
import { rawCall, rawHead } from "../sdk/raw-call.ts";
import type { CallRecord, Scenario } from "../upstream/client.ts";
import { type RawClient, rawClient } from "../upstream/raw-client.ts";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";

/**
 * Promise 6: within 1 s of a client leaving, in any phase, the upstream call is aborted; the charge is prompt +
 * delivered output, marked estimated.
 */

const RECORDING = "openai/openai-chat-no-usage";
const STREAM = { kind: "stream-recording", recording: RECORDING } as const;
const WHOLE = { kind: "recording", recording: "openai/openai-chat-text" } as const;
/** The role and four pieces of text. */
const DELIVERED_EVENTS = 5;

interface Departure {
  readonly phase: string;
  readonly scenario: Scenario;
  readonly stream: boolean;
  /** When the client is to leave. */
  ready(client: RawClient, calls: readonly CallRecord[]): boolean;
  readonly delivered: string;
}

const DEPARTURES: readonly Departure[] = [
  {
    phase: "before the headers of a stream",
    scenario: { fault: { kind: "hang-before-headers" } },
    stream: true,
    ready: (_client, calls) => calls.length > 0,
    delivered: "",
  },
  {
    phase: "before the headers of a whole answer",
    scenario: { fault: { kind: "hang-before-headers" } },
    stream: false,
    ready: (_client, calls) => calls.length > 0,
    delivered: "",
  },
  {
    phase: "after the headers, before the first event",
    scenario: { body: STREAM, fault: { kind: "hang-after-headers" } },
    stream: true,
    ready: (_client, calls) => calls.length > 0,
    delivered: "",
  },
  {
    phase: "after an event that says nothing yet",
    scenario: { body: STREAM, fault: { kind: "hang-mid-stream", afterEvents: 1 } },
    stream: true,
    ready: (_client, calls) => calls.some(({ eventsSent }) => eventsSent === 1),
    delivered: "",
  },
  {
    phase: "in the middle of a stream that has fallen silent",
    scenario: { body: STREAM, fault: { kind: "hang-mid-stream", afterEvents: DELIVERED_EVENTS } },
    stream: true,
    ready: (client) => client.text().includes(lastPiece()),
    delivered: textOf(DELIVERED_EVENTS),
  },
  {
    phase: "in the middle of an event",
    scenario: { body: STREAM, fault: { kind: "hang-at-byte", bytes: bytesOf(DELIVERED_EVENTS) + 100 } },
    stream: true,
    ready: (client) => client.text().includes(lastPiece()),
    delivered: textOf(DELIVERED_EVENTS),
  },
  {
    phase: "while the body of a whole answer hangs",
    scenario: { body: WHOLE, fault: { kind: "hang-at-byte", bytes: 300 } },
    stream: false,
    ready: (_client, calls) => calls.some(({ bytesSent }) => bytesSent === 300),
    delivered: "",
  },
];

const CONTRACTS = [
  {
    path: "/v1/chat/completions",
    body: (model: string, stream: boolean) => ({
      model,
      stream,
      messages: [{ role: "user", content: PROMPT }],
    }),
  },
  { path: "/generate", body: (model: string, stream: boolean) => ({ model, stream, prompt: PROMPT }) },
];
const PROMPT = "Say, watchman, how far the night has come, and who was at the gate since the bell.";

let pair: Pair;
/** The same upstream behind a gateway that soon sends comments. */
let patient: GatewayProcess;

beforeAll(async () => {
  pair = await startPair();
  patient = await startGateway({
    configuration: `${configurationFor(pair.upstream.url)}stream: { keep_alive_ms: 200 }\n`,
  });
});

afterAll(async () => {
  await patient.dispose();
  await pair.dispose();
});

for (const { path, body } of CONTRACTS) {
  describe(`a client of ${path} leaves`, () => {
    for (const { phase, scenario, stream, ready, delivered } of DEPARTURES) {
      test(phase, async () => {
        const before = await prepare(pair.gateway, scenario);
        const client = await rawCall(pair.gateway, path, body("replay/priced", stream));
        await untilReady(client, ready);
        await expectAbortedOnLeaving(client);
        const row = await newAttempt(pair.gateway, before);
        expectCancelled(row);
        expect(row.input_tokens).toBeGreaterThanOrEqual(estimateTokenCount(PROMPT));
        expect(row.input_tokens).toBeLessThanOrEqual(row.body_bytes);
        const tokens = delivered === "" ? 0 : DELIVERED_EVENTS - 1;
        expect(row.output_tokens).toBe(Math.max(tokens, Math.ceil(delivered.length / 4)));
        expect(row.cost_nanodollars).toBe((row.input_tokens ?? 0) * 1000 + (row.output_tokens ?? 0) * 2000);
      });
    }

    for (const fault of ["hang-before-headers", "hang-after-headers"] as const) {
      test(`while comments keep it waiting (${fault})`, async () => {
        const before = await prepare(patient, { body: STREAM, fault: { kind: fault } });
        const client = await rawCall(patient, path, body("replay/priced", true));
        await client.until(({ text }) => text().split(": keep-alive").length > 2);
        await expectAbortedOnLeaving(client);
        const row = await newAttempt(patient, before);
        expectCancelled(row);
        expect(row.output_tokens).toBe(0);
      });
    }

    test("while the provider streams and the client has stopped reading", async () => {
      const before = await prepare(pair.gateway, {
        body: { kind: "generated", events: 200_000, bytesPerEvent: 1000 },
      });
      const client = await rawCall(pair.gateway, path, body("replay/priced", true));
      await client.until(({ packets }) => packets.length > 0);
      client.pause();
      await untilStalled();
      await expectAbortedOnLeaving(client);
      const row = await newAttempt(pair.gateway, before);
      expectCancelled(row);
      expect(row.output_tokens).toBeGreaterThan(0);
    });
  });
}

test("a client that leaves while it still sends costs no attempt", async () => {
  await prepare(pair.gateway, {});
  const requests = readLedger(pair.gateway).requests.length;
  const text = JSON.stringify(CONTRACTS[0]?.body("replay/priced", false));
  for (const declared of [text.length, 2 * 1024 * 1024]) {
    const client = await rawClient(pair.gateway.port);
    client.write(
      rawHead(pair.gateway, "/v1/chat/completions", [`Content-Length: ${declared}`]) + text.slice(0, 20),
    );
    client.leave();
  }
  const rows = await waitForLedger(pair.gateway, (found) => found.requests.length === requests + 2);
  expect(rows.requests.slice(-2).map(({ outcome, attempts }) => ({ outcome, attempts }))).toEqual([
    { outcome: "cancelled", attempts: 0 },
    { outcome: "cancelled", attempts: 0 },
  ]);
  expect(await pair.upstream.callCount()).toBe(0);
});

test("nothing is left in flight", async () => {
  for (const gateway of [pair.gateway, patient]) {
    const page = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    const text = await page.text();
    expect(text).toContain("\ngatehouse_in_flight 0\n");
    expect(text).toContain("\ngatehouse_open_streams 0\n");
    expect(text).toContain('gatehouse_upstream_in_flight{provider="replay"} 0\n');
  }
});

/** Sets the scene; gives how many attempts there were. */
async function prepare(gateway: GatewayProcess, scenario: Scenario): Promise<number> {
  await pair.upstream.scenario("priced", scenario);
  await pair.upstream.clearCalls();
  return readLedger(gateway).attempts.length;
}

async function untilReady(client: RawClient, ready: Departure["ready"]): Promise<void> {
  await pair.upstream.waitForCalls((calls) => ready(client, calls));
}

/** Waits until the provider can't send any more. */
async function untilStalled(): Promise<void> {
  let sent = -1;
  await pair.upstream.waitForCalls(([call]) => {
    const same = call !== undefined && call.bytesSent > 0 && call.bytesSent === sent;
    sent = call?.bytesSent ?? -1;
    return same;
  });
}

async function expectAbortedOnLeaving(client: RawClient): Promise<void> {
  const leftAtMs = Date.now();
  client.leave();
  const [call] = await pair.upstream.waitForCalls(([first]) => first?.outcome === "client-closed");
  expect((call?.abortedAtMs ?? Number.POSITIVE_INFINITY) - leftAtMs).toBeLessThan(1000);
  expect(await pair.upstream.callCount()).toBe(1);
}

async function newAttempt(gateway: GatewayProcess, before: number): Promise<AttemptRow> {
  const { attempts } = await waitForLedger(
    gateway,
    (rows) => rows.attempts.length > before && rows.attempts.at(-1)?.outcome !== null,
  );
  expect(attempts.length).toBe(before + 1);
  const row = attempts.at(-1);
  if (row === undefined) throw new Error("no attempt");
  return row;
}

function expectCancelled(row: AttemptRow): void {
  expect(row).toMatchObject({ outcome: "cancelled", error_code: "client_closed", usage_source: "estimated" });
}

function payloads(events: number): readonly string[] {
  return readStreamRecording(recordingFolders(), RECORDING).slice(0, events);
}

function textOf(events: number): string {
  return payloads(events)
    .map((payload) => JSON.parse(payload).choices[0].delta.content)
    .join("");
}

function bytesOf(events: number): number {
  return payloads(events).reduce((sum, payload) => sum + Buffer.byteLength(`data: ${payload}\n\n`), 0);
}

/** What the client sees of the last piece of text delivered. */
function lastPiece(): string {
  return JSON.stringify(JSON.parse(payloads(DELIVERED_EVENTS).at(-1) ?? "").choices[0].delta.content);
}
