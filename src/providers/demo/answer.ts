import { setTimeout as pause } from "node:timers/promises";
import { estimateTokenCount } from "tokenx";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

const PAUSE_BETWEEN_WORDS_MS = 15;

/** What the demo provider says, in the shapes of OpenAI's chat completions (whole, or as server-sent events). */
export async function answer(body: Uint8Array, signal: AbortSignal): Promise<Response> {
  const request: unknown = JSON.parse(new TextDecoder().decode(body));
  if (!isJsonObject(request)) return Response.json(refusal("The body is not an object."), { status: 400 });
  const prompt = lastUserText(request["messages"]);
  const exchange = { text: reply(prompt), usage: usageOf(body, reply(prompt)), head: headOf(request) };
  if (request["stream"] !== true) return Response.json(wholeAnswer(exchange));
  const options = request["stream_options"];
  const withUsage = isJsonObject(options) && options["include_usage"] === true;
  return new Response(streamOf(exchange, withUsage, signal), {
    headers: { "content-type": "text/event-stream" },
  });
}

interface Exchange {
  readonly text: string;
  readonly usage: JsonObject;
  readonly head: { readonly id: string; readonly created: number; readonly model: unknown };
}

function reply(prompt: string): string {
  const heard = prompt === "" ? "You sent no text." : `You said: "${prompt.slice(0, 500)}"`;
  return (
    "This is Gatehouse's demo provider: no model was called, and nothing was spent. " +
    `${heard} Set a provider's key, OPENAI_API_KEY for example, start again, and a real model answers here.`
  );
}

function headOf(request: JsonObject): Exchange["head"] {
  return {
    id: `chatcmpl-demo-${crypto.randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: request["model"],
  };
}

function usageOf(body: Uint8Array, text: string): JsonObject {
  const prompt = Math.ceil(body.byteLength / 4);
  const completion = estimateTokenCount(text);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function wholeAnswer({ head, text, usage }: Exchange): JsonObject {
  const message = { role: "assistant", content: text, refusal: null };
  const choice = { index: 0, message, logprobs: null, finish_reason: "stop" };
  return {
    ...head,
    object: "chat.completion",
    choices: [choice],
    usage,
    system_fingerprint: "gatehouse-demo",
  };
}

async function* streamOf(
  exchange: Exchange,
  withUsage: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const event = (data: unknown) => encoder.encode(`data: ${JSON.stringify(data)}\n\n`);
  const head = { ...exchange.head, object: "chat.completion.chunk", system_fingerprint: "gatehouse-demo" };
  const chunk = (delta: unknown, finish: string | null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  yield event(chunk({ role: "assistant", content: "" }, null));
  for (const word of exchange.text.match(/\S+\s*/g) ?? []) {
    await pause(PAUSE_BETWEEN_WORDS_MS, undefined, { signal });
    yield event(chunk({ content: word }, null));
  }
  yield event(chunk({}, "stop"));
  if (withUsage) yield event({ ...head, choices: [], usage: exchange.usage });
  yield encoder.encode("data: [DONE]\n\n");
}

function lastUserText(messages: unknown): string {
  if (!Array.isArray(messages)) return "";
  const last = messages.findLast((message) => isJsonObject(message) && message["role"] === "user");
  const content: unknown = isJsonObject(last) ? last["content"] : undefined;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join(" ");
}

function refusal(message: string): JsonObject {
  return { error: { message, type: "invalid_request_error", param: null, code: null } };
}
