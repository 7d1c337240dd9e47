import { afterAll, beforeAll, expect } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { configurationFor } from "../process/pair.ts";
import { MESSAGES } from "../sdk/clients.ts";
import { type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";

/** Each limit that a test waits for. */
export const LIMIT_MS = 300;

/** A loaded machine may be late by seconds; where a limit did not hold, the next one would end the call after minutes. */
const LATE_MS = 10_000;

/** So often is a waiting client told that it is not forgotten. */
export const KEEP_ALIVE_MS = 100;
const PROMPT = "Who stands at the gate?";

/** What `runBounded` started. */
export let upstream: ReplayServer;
export let gateway: GatewayProcess;
let scenarios = 0;

/** A gateway before a replay server, for the tests of a file, with providers of its own as lines of configuration. */
export function runBounded(providers: () => string | Promise<string> = () => ""): void {
  beforeAll(async () => {
    upstream = await startReplayServer();
    gateway = await startGateway({
      configuration: `${configurationFor(upstream.url).replace("prices:\n", `${await providers()}prices:\n`)}
stream: { keep_alive_ms: ${KEEP_ALIVE_MS} }
limits: { request_body_ms: ${LIMIT_MS} }
`,
    });
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.stop();
  });
}

/** Gives the model that is answered so. Each test has its own, since they all wait at the same time. */
export async function prepare(scenario: Scenario): Promise<string> {
  scenarios += 1;
  const model = `m${scenarios}`;
  await upstream.scenario(model, scenario);
  return model;
}

/** Calls a gateway by a path's contract. */
export function post(
  path: string,
  model: string,
  stream: boolean,
  to: GatewayProcess = gateway,
): Promise<Response> {
  return fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.virtualKey}` },
    body: JSON.stringify(
      path === "/generate" ? { model, stream, prompt: PROMPT } : { model, stream, messages: MESSAGES },
    ),
  });
}

/** A limit of `LIMIT_MS` was waited for, and no other. */
export function expectTimely(tookMs: number): void {
  expect(tookMs).toBeGreaterThanOrEqual(LIMIT_MS * 0.6);
  expect(tookMs).toBeLessThan(LIMIT_MS + LATE_MS);
}
