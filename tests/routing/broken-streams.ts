import { afterAll, beforeAll, setDefaultTimeout } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";
import {
  type AskedCall,
  type BreakingProvider,
  type Streamed,
  startBreakingProvider,
} from "./breaking-provider.ts";

/** A beginning and an end of it: every byte of all of it would take a minute. */
export const CHAT = chatStream(
  readStreamRecording(recordingFolders(), "openai/openai-chat-non-ascii").filter(
    (_, place, all) => place < 5 || place > all.length - 4,
  ),
);

/** A stream of Anthropic's messages, and one of Google's, whole. */
export const MESSAGES = messagesStream(
  readStreamRecording(recordingFolders(), "anthropic/anthropic-sample-text"),
);

export const GEMINI = Buffer.from(
  readStreamRecording(recordingFolders(), "google/google-generate-text")
    .map((payload) => `data: ${payload}\r\n\r\n`)
    .join(""),
);

/** What the stream of chat completions says. */
export const CHAT_TEXT = textOfChat(CHAT.toString("utf8"));
export const CALL = chatStream(readStreamRecording(recordingFolders(), "openai/openai-chat-tool-calls"));

/** What `runBreaking` started. */
export let provider: BreakingProvider;
export let gateway: GatewayProcess;

/** A gateway before providers that break off where the question says, for the tests of a file. */
export function runBreaking(): void {
  setDefaultTimeout(60_000);

  beforeAll(async () => {
    provider = await startBreakingProvider(answer);
    const at = (path: string, dialect: string, more = "") =>
      `{ dialect: ${dialect}, base_url: "${provider.url}/${path}/v1", key: k${more} }`;
    gateway = await startGateway({
      configuration: `
providers:
  chat: ${at("breaking-chat", "openai-chat")}
  calling: ${at("breaking-call", "openai-chat")}
  messages: ${at("breaking-messages", "anthropic-messages")}
  google: { dialect: gemini, base_url: "${provider.url}/breaking-gemini/v1beta", key: k }
  prefix: ${at("chat", "openai-chat", ", capabilities: [{ continues: prefix }]")}
  again: ${at("breaking-again", "openai-chat", ", capabilities: [{ continues: continue_final_message }]")}
  plain: ${at("chat", "openai-chat")}
  anthropic: { base_url: "${provider.url}/claude/v1", key: k }
  mistral: { base_url: "${provider.url}/repeating/v1", key: k }
routes:
  chat-to-chat: { targets: [chat/m, plain/m, prefix/m], retries: { continue_streams: true } }
  chat-to-repeating: { targets: [chat/m, mistral/m], retries: { continue_streams: true } }
  chat-to-claude: { targets: [chat/m, anthropic/claude-sonnet-4-5], retries: { continue_streams: true } }
  messages-to-chat: { targets: [messages/m, prefix/m], retries: { continue_streams: true } }
  messages-to-claude: { targets: [messages/m, anthropic/claude-haiku-4-5], retries: { continue_streams: true } }
  gemini-to-chat: { targets: [google/m, prefix/m], retries: { continue_streams: true } }
  twice: { targets: [chat/m, again/m, prefix/m], retries: { continue_streams: true } }
  lossy: { targets: [chat/m, anthropic/claude-opus-4-1, prefix/m], retries: { continue_streams: true } }
  lost: { targets: [chat/m, anthropic/claude-sonnet-4-5], retries: { continue_streams: true } }
  calls: { targets: [calling/m, prefix/m], retries: { continue_streams: true } }
  nobody: { targets: [chat/m, plain/m, anthropic/claude-sonnet-5], retries: { continue_streams: true } }
  paid: { targets: [chat/m, prefix/m], retries: { continue_streams: true } }
  off: { targets: [chat/m, prefix/m] }
routing:
  health: { consecutive_failures: 1000, failure_percent: 100, min_calls: 100000 }
  retry_budget: { percent: 100, floor: 100000 }
prices:
  chat/m: { input: 1, output: 2 }
  prefix/m: { input: 10, output: 20 }
  again/m: { input: 100, output: 200 }
`,
    });
  });

  afterAll(async () => {
    await gateway.dispose();
    provider.stop();
  });
}

/** Those that break say where in the question; those that go on know the whole answer. */
function answer(call: AskedCall): Streamed | number {
  const { path, messages, model } = call;
  if (model === "claude-opus-4-1") return 500;
  const { at, text } = JSON.parse(questionOf(call)) as { at: number; text: string };
  if (path.startsWith("/breaking-chat/")) return broken(CHAT, at);
  if (path.startsWith("/breaking-call/")) return broken(CALL, at);
  if (path.startsWith("/breaking-gemini/")) return broken(GEMINI, at);
  if (path.startsWith("/breaking-messages/")) return broken(MESSAGES, at);
  const last = messages.at(-1);
  const begun = last?.role === "assistant" ? plainText(last.content) : "";
  if (!text.startsWith(begun)) return 400;
  if (path.startsWith("/breaking-again/")) {
    const rest = spokenChat(text.slice(begun.length));
    return { stream: rest, breaksAt: Math.floor(rest.length / 2) };
  }
  if (path.startsWith("/repeating/")) return { stream: spokenChat(text) };
  if (path.startsWith("/chat/")) return { stream: spokenChat(text.slice(begun.length)) };
  return begun !== begun.trimEnd() ? 400 : { stream: spokenMessages(text.slice(begun.length)) };
}

function broken(stream: Buffer, at: number): Streamed {
  return at < stream.length ? { stream, breaksAt: at } : { stream };
}

interface Asking {
  readonly route: string;
  readonly text: string;
  readonly at: number;
  readonly key?: string;
}

/** Asks a route for a stream that breaks off at a byte, and whose whole text is known. */
export async function ask(dialect: "chat" | "messages", { route, text, at, key }: Asking): Promise<Response> {
  const path = dialect === "chat" ? "/v1/chat/completions" : "/v1/messages";
  const question = JSON.stringify({ at, text });
  return await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key ?? gateway.virtualKey}` },
    body: JSON.stringify({
      model: route,
      stream: true,
      max_tokens: 500,
      ...(dialect === "chat" ? { stream_options: { include_usage: true } } : {}),
      messages: [{ role: "user", content: question }],
    }),
  });
}

/** Where the stream of chat completions says that it is finished. */
export const CHAT_FINISH = CHAT.indexOf('"finish_reason":"stop"');

function questionOf({ messages, body }: AskedCall): string {
  const contents = body["contents"] as { parts: unknown }[] | undefined;
  if (contents !== undefined) return plainText(contents[0]?.parts);
  return plainText(messages.find(({ role }) => role === "user")?.content);
}

function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  return (content as { text?: string }[]).map(({ text = "" }) => text).join("");
}

/** The payloads of a stream's events. */
export function dataOf(said: string): readonly string[] {
  return said
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice("data: ".length));
}

/** What the payloads of a stream of chat completions say. */
export function textOfChat(said: string): string {
  return dataOf(said)
    .filter((data) => data !== "[DONE]")
    .flatMap((data) => JSON.parse(data).choices ?? [])
    .map(({ delta }) => delta.content ?? "")
    .join("");
}

function chatStream(payloads: readonly string[]): Buffer {
  return Buffer.from([...payloads, "[DONE]"].map((payload) => `data: ${payload}\n\n`).join(""));
}

function messagesStream(payloads: readonly string[]): Buffer {
  return Buffer.from(
    payloads.map((payload) => `event: ${JSON.parse(payload).type}\ndata: ${payload}\n\n`).join(""),
  );
}

/** A text in pieces that cut words, and white space, anywhere. */
function pieces(text: string): readonly string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

function spokenChat(text: string): Buffer {
  const chunk = (delta: object, reason: string | null) =>
    JSON.stringify({
      id: "chatcmpl-other",
      object: "chat.completion.chunk",
      created: 2,
      model: "other",
      choices: [{ index: 0, delta, finish_reason: reason }],
    });
  const usage = { prompt_tokens: 100, completion_tokens: 40, total_tokens: 140 };
  return chatStream([
    chunk({ role: "assistant", content: "" }, null),
    ...pieces(text).map((content) => chunk({ content }, null)),
    chunk({}, "stop"),
    JSON.stringify({ id: "chatcmpl-other", object: "chat.completion.chunk", choices: [], usage }),
  ]);
}

function spokenMessages(text: string): Buffer {
  const usage = { input_tokens: 100, output_tokens: 1 };
  const message = { id: "msg_other", type: "message", role: "assistant", model: "o", content: [], usage };
  return messagesStream(
    [
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      ...pieces(text).map((piece) => ({
        type: "content_block_delta",
        index: 0,
        delta: { type: "text_delta", text: piece },
      })),
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 40 } },
      { type: "message_stop" },
    ].map((event) => JSON.stringify(event)),
  );
}
