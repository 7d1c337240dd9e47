import type { ContentPart } from "../../src/model/content-part.ts";
import type { Conversation, Message, Sampling } from "../../src/model/conversation.ts";
import type { EmbeddingInput } from "../../src/model/embedding.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { Feature } from "../../src/model/loss.ts";
import type { FunctionTool } from "../../src/model/tool.ts";

/** A request that uses a feature, and the same without: what differs between the two is what the feature becomes. */
export interface FeatureProbe<O extends "chat" | "embedding" = "chat" | "embedding"> {
  readonly feature: Feature;
  readonly operation: O;
  readonly using: InferenceRequest<O>;
  readonly without: InferenceRequest<O>;
}

const text = (value: string): ContentPart => ({ kind: "text", text: value });
const user = (...content: readonly ContentPart[]): Message => ({ role: "user", content });
const HELLO = user(text("Hello!"));
const PNG = { from: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } as const;
const PDF = { from: "base64", mediaType: "application/pdf", data: "JVBERi0xLjQ=" } as const;
const TOOL: FunctionTool = { kind: "function", name: "f", parameters: { type: "object", properties: {} } };
const TWO_TOOLS = [TOOL, { ...TOOL, name: "g" }];
const SCHEMA = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };

function chat(
  messages: readonly Message[],
  rest: Partial<Conversation> = {},
  endUser?: string,
): InferenceRequest<"chat"> {
  const conversation: Conversation = { messages, tools: [], sampling: {}, extensions: {}, ...rest };
  return {
    operation: "chat",
    dialect: "generate",
    model: "m",
    stream: false,
    ...(endUser === undefined ? {} : { endUser }),
    bodyBytes: 0,
    content: () => conversation,
  };
}

function embedding(rest: Partial<EmbeddingInput>): InferenceRequest<"embedding"> {
  const input: EmbeddingInput = { inputs: ["Hello!"], encoding: "float", extensions: {}, ...rest };
  return {
    operation: "embedding",
    dialect: "generate",
    model: "m",
    stream: false,
    bodyBytes: 0,
    content: () => input,
  };
}

type ChatPair = readonly [using: InferenceRequest<"chat">, without: InferenceRequest<"chat">];

/** More parts in the user's message. */
const parts = (...content: readonly ContentPart[]): ChatPair => [
  chat([user(text("Look:"), ...content)]),
  chat([user(text("Look:"))]),
];
const settings = (rest: Partial<Conversation>): ChatPair => [chat([HELLO], rest), chat([HELLO])];
const sampling = (value: Sampling): ChatPair => settings({ sampling: value });
/** A setting that means nothing without tools. */
const tooling = (rest: Partial<Conversation>): ChatPair => [
  chat([HELLO], { tools: [TOOL], ...rest }),
  chat([HELLO], { tools: [TOOL] }),
];
/** An earlier turn of the assistant. */
const history = (using: readonly ContentPart[], without: readonly ContentPart[]): ChatPair => [
  chat([HELLO, { role: "assistant", content: using }, HELLO]),
  chat([HELLO, { role: "assistant", content: without }, HELLO]),
];
/** A tool's answer. */
function toolResult(using: Partial<Extract<Message, { role: "tool" }>>): ChatPair {
  const call: Message = {
    role: "assistant",
    content: [{ kind: "tool-call", id: "call_1", name: "f", arguments: "{}" }],
  };
  const result = { role: "tool", toolCallId: "call_1", toolName: "f", content: [text("done")] } as const;
  return [
    chat([HELLO, call, { ...result, ...using }], { tools: [TOOL] }),
    chat([HELLO, call, result], { tools: [TOOL] }),
  ];
}

const thought = (signed: boolean): ContentPart => ({
  kind: "reasoning",
  text: "Hm.",
  ...(signed && { signature: { vendor: "google", value: "c2lnbmVk" } }),
});

const CHAT: { readonly [F in Feature]?: ChatPair } = {
  "developer-role": [chat([{ role: "developer", content: [text("Be brief.")] }, HELLO]), chat([HELLO])],
  "late-system-message": [
    chat([
      HELLO,
      { role: "assistant", content: [text("Hi.")] },
      { role: "system", content: [text("Be brief.")] },
      HELLO,
    ]),
    chat([HELLO, { role: "assistant", content: [text("Hi.")] }, HELLO]),
  ],
  "message-name": [chat([{ role: "user", name: "ann", content: [text("Hello!")] }]), chat([HELLO])],
  "image-url": parts({ kind: "image", source: { from: "url", url: "https://example.com/a.png" } }),
  "image-base64": parts({ kind: "image", source: PNG }),
  "image-detail": [
    chat([user({ kind: "image", source: PNG, detail: "high" })]),
    chat([user({ kind: "image", source: PNG })]),
  ],
  "document-url": parts({ kind: "document", source: { from: "url", url: "https://example.com/a.pdf" } }),
  "document-base64": parts({ kind: "document", source: PDF, name: "a.pdf" }),
  "document-text": parts({ kind: "document", source: { from: "text", text: "Once upon a time" } }),
  "document-context": [
    chat([user({ kind: "document", source: { from: "text", text: "x" }, context: "a tale" })]),
    chat([user({ kind: "document", source: { from: "text", text: "x" } })]),
  ],
  "document-citations": [
    chat([user({ kind: "document", source: { from: "text", text: "x" }, citable: true })]),
    chat([user({ kind: "document", source: { from: "text", text: "x" } })]),
  ],
  audio: parts({ kind: "audio", source: { from: "base64", mediaType: "audio/wav", data: "UklGRg==" } }),
  video: parts({ kind: "video", source: { from: "base64", mediaType: "video/mp4", data: "AAAAIGZ0eXA=" } }),
  "uploaded-file": parts({ kind: "document", source: { from: "file", vendor: "openai", fileId: "file-1" } }),
  "refusal-history": history([text("Hi."), { kind: "refusal", text: "I can't." }], [text("Hi.")]),
  "reasoning-history": history([thought(false), text("Hi.")], [text("Hi.")]),
  signature: history([thought(true), text("Hi.")], [thought(false), text("Hi.")]),
  "vendor-part": parts({ kind: "other", dialect: "generate", value: { type: "hologram" } }),
  tools: settings({ tools: [TOOL] }),
  "strict-tools": [chat([HELLO], { tools: [{ ...TOOL, strict: true }] }), chat([HELLO], { tools: [TOOL] })],
  "free-form-tools": [
    chat([HELLO], { tools: [TOOL, { kind: "free-form", name: "g", format: { type: "grammar" } }] }),
    chat([HELLO], { tools: [TOOL] }),
  ],
  "vendor-tools": [
    chat([HELLO], { tools: [TOOL, { kind: "vendor", dialect: "generate", value: { type: "web_search" } }] }),
    chat([HELLO], { tools: [TOOL] }),
  ],
  "tool-choice": tooling({ toolChoice: { kind: "required" } }),
  "allowed-tools": [
    chat([HELLO], { tools: TWO_TOOLS, toolChoice: { kind: "allowed", mode: "auto", names: ["f"] } }),
    chat([HELLO], { tools: TWO_TOOLS }),
  ],
  "parallel-tool-calls": tooling({ parallelToolCalls: false }),
  "tool-result-media": toolResult({ content: [text("done"), { kind: "image", source: PNG }] }),
  "tool-result-error": toolResult({ isError: true }),
  "json-object": settings({ responseFormat: { kind: "json-object" } }),
  "json-schema": settings({ responseFormat: { kind: "json-schema", name: "s", schema: SCHEMA } }),
  temperature: sampling({ temperature: 0.5 }),
  "top-p": sampling({ topP: 0.9 }),
  "top-k": sampling({ topK: 40 }),
  stop: sampling({ stop: ["###"] }),
  "max-output-tokens": sampling({ maxOutputTokens: 100 }),
  seed: sampling({ seed: 7 }),
  "frequency-penalty": sampling({ frequencyPenalty: 0.5 }),
  "presence-penalty": sampling({ presencePenalty: 0.5 }),
  choices: settings({ choices: 2 }),
  "log-probabilities": settings({ logProbabilities: { alternatives: 2 } }),
  "reasoning-effort": settings({ reasoning: { effort: "high" } }),
  "reasoning-budget": settings({ reasoning: { mode: "on", budgetTokens: 2_048 } }),
  "reasoning-shown": [
    chat([HELLO], { reasoning: { effort: "high", shown: "detailed" } }),
    chat([HELLO], { reasoning: { effort: "high" } }),
  ],
  verbosity: settings({ verbosity: "low" }),
  "cache-marker": [
    chat([{ role: "system", content: [{ kind: "text", text: "Long.", cache: { ttl: "1h" } }] }, HELLO]),
    chat([{ role: "system", content: [text("Long.")] }, HELLO]),
  ],
  "cache-key": settings({ cacheKey: "session-1" }),
  "end-user": [chat([HELLO], {}, "user-1"), chat([HELLO])],
  metadata: settings({ metadata: { team: "search" } }),
  "service-tier": settings({ serviceTier: "priority" }),
  store: settings({ store: true }),
  extension: settings({ extensions: { generate: { strange: 1 } } }),
};

/** Features of embeddings, and what they need beside them. */
const EMBEDDING: { readonly [F in Feature]?: readonly [Partial<EmbeddingInput>, Partial<EmbeddingInput>] } = {
  "embedding-dimensions": [{ dimensions: 256 }, {}],
  "embedding-purpose": [{ purpose: "query" }, {}],
  "embedding-title": [{ purpose: "document", title: "Greetings" }, { purpose: "document" }],
};

/** One probe for each feature. */
export const featureProbes: readonly FeatureProbe[] = [
  ...Object.entries(CHAT).map(([feature, [using, without]]): FeatureProbe<"chat"> => {
    return { feature: feature as Feature, operation: "chat", using, without };
  }),
  ...Object.entries(EMBEDDING).map(([feature, [using, without]]): FeatureProbe<"embedding"> => {
    return {
      feature: feature as Feature,
      operation: "embedding",
      using: embedding(using),
      without: embedding(without),
    };
  }),
];
