import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** A gateway before providers that speak one of OpenAI's dialects each; all of them are one replay server. */
export interface OpenAIProviders {
  readonly gateway: GatewayProcess;
  readonly upstream: ReplayServer;
  dispose(): Promise<void>;
}

/**
 * `responses` speaks Responses alone, `groq` chat completions alone, `compatible` is a server that is said to speak
 * openai-chat, and so has completions and embeddings beside it.
 */
export async function startOpenAIProviders(): Promise<OpenAIProviders> {
  const upstream = await startReplayServer();
  const at = `base_url: ${upstream.url}/v1, key: ${UPSTREAM_KEY}`;
  const configuration = `
providers:
  responses: { dialect: openai-responses, ${at} }
  groq: { ${at} }
  compatible: { dialect: openai-chat, ${at} }
routes:
  strictly: { translation: strict, targets: [groq/strictly] }
`;
  const gateway = await startGateway({ configuration });
  return {
    gateway,
    upstream,
    async dispose() {
      await gateway.dispose();
      await upstream.stop();
    },
  };
}
