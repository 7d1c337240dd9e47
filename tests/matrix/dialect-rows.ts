import type { DialectId } from "../../src/model/dialect-id.ts";
import type { Block } from "../../src/model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import { encodeMessage, encodeRecordedEvent } from "../upstream/amazon-event-stream.ts";
import type { Unsayable } from "./answer-meaning.ts";
import { callProofsBack, partProofsBack } from "./carried-proofs.ts";
import type { Reader } from "./chat-dialects.ts";
import { generateReader } from "./generate-reader.ts";

/** What the tests of all dialects must be told of one, since its code doesn't say it. */
export interface DialectRow {
  /** The least request of a client for an answer, or for a stream with its usage. */
  request(stream: boolean): JsonObject;
  /** What the path says, where it says more than the dialect. */
  pathRest?(stream: boolean): string;
  /** Whether a recording is an answer of this dialect, by its body or its stream's first payload. */
  isAnswer?(first: JsonObject): boolean;
  /** Whether a payload begins another turn, for recordings of several. */
  beginsTurn?(payload: JsonObject): boolean;
  /** The payload that ends each stream and no recording has. */
  readonly terminal?: string;
  /** How payloads are framed, where not as server-sent events. */
  frame?(payloads: readonly string[]): Uint8Array;
  /** The blocks of an answer, proofs that travel in blocks of their own back where the next turn puts them. */
  proofsBack?(blocks: readonly Block[]): readonly Block[];
  /** What its answers can't say; for each dialect that clients speak. */
  readonly unsayable?: Unsayable;
  /** Reads its answers, where no provider speaks it. */
  readonly reader?: Reader;
}

const asked = [{ role: "user", content: "hi" }];
const withUsage = (stream: boolean) => (stream ? { stream, stream_options: { include_usage: true } } : {});

const OPENAI_TIERS = ["auto", "default", "flex", "scale", "priority", "fast"];

/** One row for each dialect of src/dialects/index.ts that chat is spoken in. */
export const ROWS: { readonly [Id in DialectId]?: DialectRow } = {
  generate: {
    request: (stream) => ({ prompt: "hi", stream }),
    unsayable: {
      features: [
        "choices",
        "created-at",
        "service-tier",
        "reasoning",
        "text-signature",
        "refusal",
        "tool-calls",
        "image",
        "token-probabilities",
        "url-citation",
        "document-citation",
        "stop-sequence",
      ],
      finishReasons: { "stop-sequence": "stop", refusal: "content-filter", pause: "other" },
      usage: [
        "cacheWrite5mTokens",
        "cacheWrite1hTokens",
        "inputAudioTokens",
        "inputImageTokens",
        "outputAudioTokens",
      ],
    },
    reader: generateReader,
  },
  "openai-chat": {
    request: (stream) => ({ model: "m", messages: asked, ...withUsage(stream) }),
    isAnswer: ({ object }) => object === "chat.completion" || object === "chat.completion.chunk",
    terminal: "[DONE]",
    unsayable: {
      features: ["block-order", "text-signature", "document-citation", "cited-text", "stop-sequence"],
      finishReasons: { "stop-sequence": "stop", refusal: "content-filter", pause: "stop", other: "stop" },
      serviceTiers: OPENAI_TIERS,
      usage: ["cachedInputAudioTokens", "cachedInputImageTokens", "inputVideoTokens", "outputVideoTokens"],
      usageWithin: { cacheWrite1hTokens: "cacheWrite5mTokens" },
    },
  },
  "openai-responses": {
    request: (stream) => ({ model: "m", input: "hi", stream }),
    isAnswer: ({ object, type }) => object === "response" || type === "response.created",
    beginsTurn: ({ type }) => type === "response.created",
    proofsBack: callProofsBack,
    unsayable: {
      features: [
        "choices",
        "text-signature",
        "cited-text",
        "document-place",
        "document-id",
        "document-stretch",
        "stop-sequence",
      ],
      finishReasons: { "stop-sequence": "stop", refusal: "content-filter", pause: "stop", other: "stop" },
      refusedInWords: "stop",
      serviceTiers: OPENAI_TIERS,
      usage: [
        "cachedInputAudioTokens",
        "cachedInputImageTokens",
        "inputVideoTokens",
        "outputVideoTokens",
        "inputAudioTokens",
        "inputImageTokens",
        "outputAudioTokens",
        "outputImageTokens",
      ],
      usageWithin: { cacheWrite1hTokens: "cacheWrite5mTokens" },
    },
  },
  "openai-completions": {
    request: (stream) => ({ model: "m", prompt: "hi", ...withUsage(stream) }),
    isAnswer: ({ object }) => object === "text_completion",
    terminal: "[DONE]",
    unsayable: {
      features: [
        "service-tier",
        "reasoning",
        "text-signature",
        "refusal",
        "tool-calls",
        "image",
        "url-citation",
        "document-citation",
        "stop-sequence",
      ],
      finishReasons: {
        "stop-sequence": "stop",
        refusal: "content-filter",
        pause: "stop",
        other: "stop",
        "tool-calls": "stop",
      },
      usage: ["cachedInputAudioTokens", "cachedInputImageTokens", "inputVideoTokens", "outputVideoTokens"],
      usageWithin: { cacheWrite1hTokens: "cacheWrite5mTokens" },
    },
  },
  "anthropic-messages": {
    request: (stream) => ({ model: "m", max_tokens: 100, messages: asked, stream }),
    isAnswer: ({ type }) => type === "message" || type === "message_start",
    proofsBack: partProofsBack,
    unsayable: {
      features: [
        "choices",
        "created-at",
        "refusal",
        "free-form-call",
        "image-block",
        "token-probabilities",
        "citation-place",
      ],
      finishReasons: { "content-filter": "refusal", other: "stop" },
      refusedInWords: "refusal",
      serviceTiers: ["default", "priority", "batch"],
      usage: [
        "cachedInputAudioTokens",
        "cachedInputImageTokens",
        "inputVideoTokens",
        "outputVideoTokens",
        "inputAudioTokens",
        "inputImageTokens",
        "outputAudioTokens",
        "outputImageTokens",
      ],
      usageWithinInStreams: { cacheWrite1hTokens: "cacheWrite5mTokens" },
    },
  },
  gemini: {
    request: () => ({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
    pathRest: (stream) => (stream ? "m:streamGenerateContent" : "m:generateContent"),
    isAnswer: (first) => "candidates" in first || "promptFeedback" in first,
    unsayable: {
      features: [
        "created-at",
        "refusal",
        "free-form-call",
        "document-citation",
        "cited-text",
        "stop-sequence",
      ],
      finishReasons: { "stop-sequence": "stop", refusal: "content-filter", pause: "other" },
      serviceTiers: ["default", "flex", "priority"],
      usage: ["cacheWrite5mTokens", "cacheWrite1hTokens"],
    },
  },
  "bedrock-converse": {
    request: () => ({ messages: [{ role: "user", content: [{ text: "hi" }] }] }),
    isAnswer: (first) => "messageStart" in first || ("output" in first && "stopReason" in first),
    frame: (payloads) => Buffer.concat(payloads.map(asAmazonEvent)),
  },
  cohere: {
    request: (stream) => ({ model: "m", messages: asked, stream }),
    isAnswer: ({ type, message, finish_reason: reason }) =>
      type === "message-start" || (isJsonObject(message) && typeof reason === "string"),
  },
};

/** A payload that was spoilt is an event all the same. */
function asAmazonEvent(payload: string): Buffer {
  try {
    return encodeRecordedEvent(payload);
  } catch {
    return encodeMessage({ ":event-type": "messageStart", ":message-type": "event" }, payload);
  }
}
