import OpenAI from "openai";
import { type GatewayOptions, type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { type CallRecord, type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";

/** A gateway process, and a replay server that stands for a cloud. */
export interface CloudPair {
  readonly gateway: GatewayProcess;
  readonly upstream: ReplayServer;
  /** OpenAI's own SDK, pointed at the gateway. Nothing is retried, so that each test sees each answer. */
  readonly openai: OpenAI;
  /** Posts JSON to the gateway with its virtual key. */
  post(path: string, body: unknown): Promise<Response>;
  /** Says how calls to a path are answered, forgets the calls before. */
  answer(path: string, ...scenarios: readonly Scenario[]): Promise<void>;
  /** The calls that the cloud saw, once there are so many. */
  calls(count?: number): Promise<readonly CallRecord[]>;
  dispose(): Promise<void>;
}

/** Starts both. The configuration is told where the replay server is. */
export async function startCloud(
  configuration: (upstreamUrl: string) => string,
  options: GatewayOptions = {},
): Promise<CloudPair> {
  const upstream = await startReplayServer();
  const gateway = await startGateway({ ...options, configuration: configuration(upstream.url) });
  const headers = { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` };
  return {
    gateway,
    upstream,
    openai: new OpenAI({ apiKey: gateway.virtualKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 }),
    post: (path, body) => fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(body) }),
    async answer(path, ...scenarios) {
      await upstream.clearCalls();
      await upstream.scenario(path, scenarios);
    },
    calls: (count = 1) => upstream.waitForCalls((seen) => seen.length >= count),
    async dispose() {
      await gateway.dispose();
      await upstream.stop();
    },
  };
}

/** The body that a call carried. */
export function bodyOf(call: CallRecord | undefined): { readonly [name: string]: unknown } {
  return JSON.parse(call?.bodyText ?? "{}");
}

/** A header that a call carried. */
export function headerOf(call: CallRecord | undefined, name: string): string | undefined {
  return call?.headers.find(([known]) => known.toLowerCase() === name)?.[1];
}
