import type { DialectId } from "../../../src/model/dialect-id.ts";
import {
  chatAnswer,
  chatStream,
  responsesAnswer,
  responsesStream,
  type Said,
} from "../../sdk/provider-answers.ts";
import type { Scenario } from "../../upstream/client.ts";

/** How a provider of a dialect says the same thing, as its API documents it. */
export interface UpstreamWords {
  answer(said: Said): Scenario;
  stream(said: Said): Scenario;
  /** Under which the replay server finds what it is to answer: the model's name, or the paths of a model's actions. */
  readonly keys: { readonly whole: string; readonly streamed: string };
  /** Where its API stands on the replay server. */
  readonly path: string;
  /** True where it has no format for JSON and is asked for a tool's arguments instead, by clients of other dialects. */
  readonly jsonByTool?: boolean;
  /** True where its vendor signs reasoning, and wants the proof back. */
  readonly signs?: boolean;
}

export const MODEL = "up-1";
const BY_MODEL = { whole: MODEL, streamed: MODEL };

/** One row for each dialect that clients of every dialect are to be served from. */
export const UPSTREAM_WORDS: { readonly [Id in DialectId]?: UpstreamWords } = {
  "openai-chat": { answer: chatAnswer, stream: chatStream, keys: BY_MODEL, path: "/v1" },
  "openai-responses": {
    answer: responsesAnswer,
    stream: responsesStream,
    keys: BY_MODEL,
    path: "/v1",
    signs: true,
  },
  "anthropic-messages": {
    answer: messageAnswer,
    stream: messageStream,
    keys: BY_MODEL,
    path: "/v1",
    jsonByTool: true,
    signs: true,
  },
  gemini: {
    answer: (said) => json(generated(partsOf(said), said)),
    stream: generatedStream,
    keys: {
      whole: `/v1beta/models/${MODEL}:generateContent`,
      streamed: `/v1beta/models/${MODEL}:streamGenerateContent`,
    },
    path: "/v1beta",
    signs: true,
  },
};

const json = (value: unknown): Scenario => ({ body: { kind: "text", text: JSON.stringify(value) } });

const MESSAGE = { id: "msg_1", type: "message", role: "assistant", model: "upstream-model", container: null };
const MESSAGE_USAGE = {
  input_tokens: 15,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 5,
  output_tokens: 9,
  output_tokens_details: { thinking_tokens: 4 },
  server_tool_use: null,
  service_tier: "standard",
};

type Block = { readonly type: string } & { readonly [member: string]: unknown };

function blocksOf({ text, calls = [], reasoning }: Said): readonly Block[] {
  return [
    ...(reasoning ? [{ type: "thinking", thinking: reasoning.text, signature: reasoning.proof }] : []),
    ...(text === undefined ? [] : [{ type: "text", text, citations: null }]),
    ...calls.map(({ id, name, arguments: input }) => ({
      type: "tool_use",
      id,
      name,
      input: JSON.parse(input),
    })),
  ];
}

const stopOf = ({ calls = [] }: Said) => ({
  stop_reason: calls.length > 0 ? "tool_use" : "end_turn",
  stop_sequence: null,
});

function messageAnswer(said: Said): Scenario {
  return json({ ...MESSAGE, content: blocksOf(said), ...stopOf(said), usage: MESSAGE_USAGE });
}

function messageStream(said: Said): Scenario {
  const message = { ...MESSAGE, content: [], stop_reason: null, stop_sequence: null };
  const events = [
    { type: "message_start", message: { ...message, usage: { ...MESSAGE_USAGE, output_tokens: 1 } } },
    { type: "ping" },
    ...blocksOf(said).flatMap((block, index) => [
      { type: "content_block_start", index, content_block: begun(block) },
      ...deltasOf(block).map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    { type: "message_delta", delta: stopOf(said), usage: MESSAGE_USAGE },
    { type: "message_stop" },
  ];
  return { body: { kind: "events", events: events.map((event) => JSON.stringify(event)) } };
}

function begun(block: Block): Block {
  if (block.type === "tool_use") return { ...block, input: {} };
  return block.type === "text" ? { ...block, text: "" } : { ...block, thinking: "", signature: "" };
}

function deltasOf(block: Block): readonly Block[] {
  if (block.type === "text")
    return halves(String(block["text"])).map((text) => ({ type: "text_delta", text }));
  if (block.type === "tool_use")
    return halves(JSON.stringify(block["input"])).map((partial_json) => ({
      type: "input_json_delta",
      partial_json,
    }));
  return [
    ...halves(String(block["thinking"])).map((thinking) => ({ type: "thinking_delta", thinking })),
    { type: "signature_delta", signature: block["signature"] },
  ];
}

function partsOf({ text, calls = [], reasoning }: Said): readonly object[] {
  return [
    ...(reasoning ? [{ text: reasoning.text, thought: true, thoughtSignature: reasoning.proof }] : []),
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args: JSON.parse(args) } })),
  ];
}

function generated(parts: readonly object[], _said: Said, finishReason: string | undefined = "STOP"): object {
  return {
    candidates: [{ content: { role: "model", parts }, index: 0, ...(finishReason && { finishReason }) }],
    ...(finishReason && {
      usageMetadata: {
        promptTokenCount: 20,
        cachedContentTokenCount: 5,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 4,
        totalTokenCount: 29,
      },
    }),
    modelVersion: "upstream-model",
    responseId: "gen-1",
  };
}

function generatedStream(said: Said): Scenario {
  const parts = partsOf(said).flatMap((part) =>
    "text" in part && !("thought" in part) ? halves(String(part.text)).map((text) => ({ text })) : [part],
  );
  const events = parts.map((part, index) =>
    JSON.stringify(generated([part], said, index === parts.length - 1 ? "STOP" : "")),
  );
  return { body: { kind: "events", events, terminal: false } };
}

function halves(text: string): readonly string[] {
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)].filter((part) => part !== "");
}
