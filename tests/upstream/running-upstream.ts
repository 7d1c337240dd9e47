import { afterAll, afterEach, beforeAll } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CallRecord, type ReplayServer, type Scenario, startReplayServer } from "./client.ts";
import { type RawClient, rawClient, rawPost } from "./raw-client.ts";
import { SAMPLES_FOLDER } from "./recordings.ts";

/** The server that `runUpstream` started. */
export let server: ReplayServer;

/** Raw connections that the running test opened. */
export const clients: RawClient[] = [];

/** A replay server for the tests of a file, which leave neither scenarios nor calls behind. */
export function runUpstream(): void {
  beforeAll(async () => {
    server = await startReplayServer();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.leave();
    await server.clearScenarios();
    await server.clearCalls();
  });

  afterAll(() => server.stop());
}

/** A recorded stream of chat completions. */
export const CHAT = { kind: "stream-recording", recording: "openai/openai-chat-text" } as const;

/** The text of a sample's file. */
export function sample(path: string): string {
  return readFileSync(join(SAMPLES_FOLDER, path), "utf8");
}

/** The payloads of a recorded stream. */
export function sampleEvents(recording: string): readonly string[] {
  return sample(`${recording}.chunks.txt`).trimEnd().split("\n");
}

/** Payloads as server-sent events. */
export function sse(payloads: readonly string[]): string {
  return payloads.map((payload) => `data: ${payload}\n\n`).join("");
}

/** Calls the server as a client does. */
export function post(body: object, path = "/v1/chat/completions", init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    redirect: "manual",
    ...init,
  });
}

/** Answers of one scenario, over a raw connection that is left open. */
export async function rawCall(scenario: Scenario): Promise<RawClient> {
  await server.scenario("m", scenario);
  const client = await rawClient(server.port);
  clients.push(client);
  client.write(rawPost({ model: "m", stream: true }));
  return client;
}

/** Whether there were calls, and none is still answered. */
export function ended(calls: readonly CallRecord[]): boolean {
  return calls.length > 0 && calls.every((call) => call.outcome !== "in-flight");
}

/** What the server noted of the one call, once it has ended. */
export async function onlyCall(): Promise<CallRecord> {
  const [call] = await server.waitForCalls(ended);
  if (call === undefined) throw new Error("no call");
  return call;
}
