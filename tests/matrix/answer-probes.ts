import type { Block, Choice, InferenceResponse } from "../../src/model/inference-response.ts";
import type { FinishReason } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import type { AnswerFeature } from "./answer-meaning.ts";

/** An answer for each thing that one can say. */

function answer(
  blocks: readonly Block[],
  rest: Partial<Choice> & Partial<InferenceResponse> = {},
): InferenceResponse {
  const { finishReason = "stop", stopSequence, choices, ...head } = rest;
  const choice: Choice = {
    blocks,
    finishReason,
    rawFinishReason: finishReason,
    ...(stopSequence !== undefined && { stopSequence }),
  };
  return {
    id: "a1",
    model: "m",
    createdAtS: 1_790_000_000,
    choices: choices ?? [choice],
    usage: { ...NO_USAGE, inputTokens: 7, outputTokens: 5, source: "reported" },
    ...head,
  };
}

const text = (value: string, rest: Partial<Block> = {}): Block =>
  ({ kind: "text", text: value, ...rest }) as Block;
const proof = { vendor: "google", value: "cHJvb2Y=" } as const;
const url = { kind: "url", url: "https://gate.test/a", title: "The gate" } as const;
const document = {
  kind: "document",
  index: 1,
  title: "Rules",
  fileId: "file-1",
  location: { unit: "page", start: 2, end: 3 },
} as const;
const call = { kind: "tool-call", id: "call_1", name: "look", text: '{"gate":"north"}' } as const;
const chosen = (value: string): Choice => ({
  blocks: [text(value)],
  finishReason: "stop",
  rawFinishReason: "stop",
});

export const ANSWER_PROBES: { readonly [F in AnswerFeature]: InferenceResponse } = {
  choices: answer([], { choices: [chosen("One."), chosen("Two.")] }),
  "created-at": answer([text("Hi.")]),
  "service-tier": answer([text("Hi.")], { serviceTier: "priority" }),
  "block-order": answer([text("One. "), { kind: "reasoning", text: "Hm." }, text("Two.")]),
  reasoning: answer([{ kind: "reasoning", text: "Hm." }, text("Hi.")]),
  "reasoning-signature": answer([{ kind: "reasoning", text: "Hm.", signature: proof }, text("Hi.")]),
  "text-signature": answer([text("Hi.", { signature: proof })]),
  "call-signature": answer([{ ...call, signature: proof }], { finishReason: "tool-calls" }),
  refusal: answer([{ kind: "refusal", text: "I won't." }]),
  "tool-calls": answer([call, { ...call, id: "call_2", text: "" }], { finishReason: "tool-calls" }),
  "free-form-call": answer([{ ...call, text: '{"not": "arguments"}', freeForm: true }], {
    finishReason: "tool-calls",
  }),
  image: answer([image()]),
  "image-block": answer([image()]),
  "token-probabilities": answer([
    text("Hi", {
      tokenProbabilities: [{ token: "Hi", logProbability: -0.5, bytes: [72, 105], alternatives: [] }],
    }),
  ]),
  "token-alternatives": answer([
    text("Hi", {
      tokenProbabilities: [
        {
          token: "Hi",
          logProbability: -0.5,
          bytes: [72, 105],
          alternatives: [{ token: "Ho", logProbability: -1, bytes: [72, 111] }],
        },
      ],
    }),
  ]),
  "url-citation": answer([text("One. "), text("Two.", { citations: [{ source: url }] })]),
  "document-citation": answer([text("One.", { citations: [{ source: document }] })]),
  "citation-place": answer([text("One. Two. Three.", { citations: [{ source: url, start: 5, end: 9 }] })]),
  "cited-text": answer([text("One.", { citations: [{ source: url, citedText: "The first." }] })]),
  "document-place": answer([text("One.", { citations: [{ source: document }] })]),
  "document-id": answer([text("One.", { citations: [{ source: { kind: "document", index: 2 } }] })]),
  "document-stretch": answer([
    text("One. Two. Three.", { citations: [{ source: document, start: 5, end: 9 }] }),
  ]),
  "stop-sequence": answer([text("Hi")], { finishReason: "stop-sequence", stopSequence: "###" }),
};

function image(): Block {
  return {
    kind: "image",
    source: { from: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" },
    text: "",
  };
}

/** An answer that ends for each reason. */
export function endingFor(reason: FinishReason): InferenceResponse {
  return answer([reason === "tool-calls" ? call : text("Hi.")], { finishReason: reason });
}

/** Proofs of every vendor; OpenAI's under the id that it gave. */
export const SIGNED: readonly InferenceResponse[] = [
  { vendor: "anthropic", value: "cHJvb2Y=" } as const,
  { vendor: "google", value: "cHJvb2Y=" } as const,
  { vendor: "openai", value: "cHJvb2Y=", id: "rs_1" } as const,
].map((signature) => answer([{ kind: "reasoning", text: "Hm.", signature }, text("Hi.")]));
