import { ApiError, type GenerateContentResponse, GoogleGenAI } from "@google/genai";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";
import type { Side } from "./clients.ts";

/** A gateway with two providers behind it that are the same replay server: one speaks Google's dialect, one OpenAI's. */
export interface GooglePair {
  readonly gateway: GatewayProcess;
  readonly upstream: ReplayServer;
  /** Google's SDK, before the gateway and before the provider itself. */
  readonly through: GoogleGenAI;
  readonly direct: GoogleGenAI;
  dispose(): Promise<void>;
}

/** Starts both. The provider `gemini` is the built-in one at another address; `chat` speaks OpenAI's dialect. */
export async function startGooglePair(): Promise<GooglePair> {
  const upstream = await startReplayServer();
  const gateway = await startGateway({
    configuration: `
providers:
  gemini:
    base_url: ${upstream.url}/v1beta
    key: ${UPSTREAM_KEY}
    models: [gemini-3.8-flash, gemini-embedding-001]
  chat:
    dialect: openai-chat
    base_url: ${upstream.url}/v1
    key: ${UPSTREAM_KEY}
    models: [maker/family/gate-1]
routes:
  guard: { targets: [gemini/gemini-3.8-flash] }
`,
  });
  const side = { url: gateway.url, key: gateway.virtualKey };
  return {
    gateway,
    upstream,
    through: googleClient(side),
    direct: googleClient({ url: upstream.url, key: UPSTREAM_KEY }),
    async dispose() {
      await gateway.dispose();
      await upstream.stop();
    },
  };
}

/** Nothing is retried, so that each test sees each answer. */
export function googleClient({ url, key }: Side, apiVersion = "v1beta"): GoogleGenAI {
  return new GoogleGenAI({ apiKey: key, apiVersion, httpOptions: { baseUrl: url } });
}

/** What an SDK made of one call. */
export interface GoogleOutcome {
  readonly answers: readonly unknown[];
  readonly error?: { readonly name: string; readonly status: unknown; readonly message: string };
}

/** Answers, but for the headers, which differ. */
export async function outcomeOf(
  call: () => Promise<object | AsyncIterable<GenerateContentResponse>>,
): Promise<GoogleOutcome> {
  const answers: unknown[] = [];
  try {
    const answer = await call();
    if (Symbol.asyncIterator in answer) for await (const chunk of answer) answers.push(plain(chunk));
    else answers.push(plain(answer));
    return { answers };
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const status = thrown instanceof ApiError ? thrown.status : undefined;
    return { answers, error: { name: thrown.name, status, message: thrown.message } };
  }
}

function plain(answer: object): unknown {
  const { sdkHttpResponse: _http, ...rest } = { sdkHttpResponse: undefined, ...answer };
  return rest;
}
