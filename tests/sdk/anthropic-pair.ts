import Anthropic from "@anthropic-ai/sdk";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type CallRecord, type ReplayServer, startReplayServer } from "../upstream/client.ts";
import { listRecordingsIn, recordingFolders } from "../upstream/recordings.ts";
import { openaiClient, type Side } from "./clients.ts";

/** A gateway between the SDKs and one replay server, which is both Anthropic and a server of OpenAI's dialect. */
export interface AnthropicPair {
  readonly gateway: GatewayProcess;
  readonly upstream: ReplayServer;
  /** Anthropic's SDK through the gateway, and straight at the replay server. */
  readonly anthropic: Anthropic;
  readonly direct: Anthropic;
  readonly openai: ReturnType<typeof openaiClient>;
  /** The last call that the provider saw. */
  lastCall(): Promise<CallRecord>;
  /** Its body. */
  lastBody(): Promise<Record<string, unknown>>;
  dispose(): Promise<void>;
}

export function anthropicClient({ url, key }: Side): Anthropic {
  return new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0 });
}

/** `more` is appended to the configuration. */
export async function startAnthropicPair(more = ""): Promise<AnthropicPair> {
  const upstream = await startReplayServer();
  const gateway = await startGateway({
    configuration: [
      "providers:",
      `  anthropic: { base_url: "${upstream.url}/v1", key: ${UPSTREAM_KEY} }`,
      `  chat: { dialect: openai-chat, base_url: "${upstream.url}/v1", key: ${UPSTREAM_KEY}, models: [gate-1] }`,
      `  alike: { dialect: anthropic-messages, base_url: "${upstream.url}/v1", key: ${UPSTREAM_KEY}, models: [gate-2] }`,
      "prices:",
      "  anthropic/counted: { input: 1, output: 2, per_request: 1 }",
      "",
    ]
      .join("\n")
      .concat(more),
  });
  const side = { url: gateway.url, key: gateway.virtualKey };
  const lastCall = async (): Promise<CallRecord> => {
    const call = (await upstream.calls()).at(-1);
    if (call === undefined) throw new Error("the provider saw no call");
    return call;
  };
  return {
    gateway,
    upstream,
    anthropic: anthropicClient(side),
    direct: anthropicClient({ url: upstream.url, key: UPSTREAM_KEY }),
    openai: openaiClient(side),
    lastCall,
    lastBody: async () => JSON.parse((await lastCall()).bodyText),
    async dispose() {
      await gateway.dispose();
      await upstream.stop();
    },
  };
}

/** Names of Anthropic's recorded messages: the project's own samples, and the shared ones where they are. */
export function messageRecordings(): readonly string[] {
  const names = listRecordingsIn(recordingFolders())
    .filter(({ name, whole, stream }) => name.startsWith("anthropic/") && whole && stream)
    .map(({ name }) => name);
  if (!names.some((name) => !name.includes("sample")))
    console.log("skipped: recordings of anthropic: the shared folder is missing");
  return names;
}

/** Awaits a call that must fail; the SDKs' promises begin their work when they are awaited. */
export async function rejection(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (thrown) {
    return thrown;
  }
  throw new Error("the call did not fail");
}
