import { type ReplayServer, startReplayServer } from "../upstream/client.ts";
import { type GatewayOptions, type GatewayProcess, startGateway } from "./gateway-process.ts";

/** A gateway whose one provider, `replay`, is a replay server. */
export interface Pair {
  readonly gateway: GatewayProcess;
  readonly upstream: ReplayServer;
  /** Posts JSON to the gateway with its virtual key. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  dispose(): Promise<void>;
}

/** The key that the gateway holds for the replay server. */
export const UPSTREAM_KEY = "sk-upstream-secret-0123456789abcdef";

/** Starts both. `more` is appended to the configuration. */
export async function startPair(more = "", options: GatewayOptions = {}): Promise<Pair> {
  const upstream = await startReplayServer();
  const gateway = await startGateway({ ...options, configuration: configurationFor(upstream.url) + more });
  return {
    gateway,
    upstream,
    post: (path, body, init = {}) =>
      fetch(gateway.url + path, {
        ...init,
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${gateway.virtualKey}`,
          ...init.headers,
        },
        body: JSON.stringify(body),
      }),
    async dispose() {
      await gateway.dispose();
      await upstream.stop();
    },
  };
}

/** A configuration with the replay server as its provider. */
export function configurationFor(upstreamUrl: string): string {
  return [
    "providers:",
    "  replay:",
    "    dialect: openai-chat",
    `    base_url: ${upstreamUrl}/v1`,
    `    key: ${UPSTREAM_KEY}`,
    "prices:",
    "  replay/priced: { input: 1, output: 2 }",
    "",
  ].join("\n");
}
