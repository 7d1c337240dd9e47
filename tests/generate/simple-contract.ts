import { afterAll, beforeAll } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { configurationFor, UPSTREAM_KEY } from "../process/pair.ts";
import { wholeText } from "../sdk/chat-recordings.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** What is asked, and what the recorded provider says to it. */
export const PROMPT = "Who stands at the gate?";
export const SAMPLE = JSON.parse(wholeText("openai/openai-chat-text"));
export const TEXT: string = SAMPLE.choices[0].message.content;

/** What `runGenerate` started. */
export let upstream: ReplayServer;
export let gateway: GatewayProcess;

/** A gateway before a replay server, for the tests of a file. */
export function runGenerate(): void {
  beforeAll(async () => {
    upstream = await startReplayServer();
    const configuration = configurationFor(upstream.url);
    const named = configuration.replace(
      `key: ${UPSTREAM_KEY}\n`,
      `key: ${UPSTREAM_KEY}\n    models: [priced, listed]\n    default_model: priced\n`,
    );
    gateway = await startGateway({ configuration: `default_model: replay/priced\n${named}` });
  });

  afterAll(async () => {
    await gateway.dispose();
    await upstream.stop();
  });
}

/** Calls `/generate`; no body is one that is no JSON. */
export function post(body: unknown, to: GatewayProcess = gateway): Promise<Response> {
  return fetch(`${to.url}/generate`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.virtualKey}` },
    body: JSON.stringify(body) ?? "{",
  });
}

/** The answer's JSON. */
export async function object(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
