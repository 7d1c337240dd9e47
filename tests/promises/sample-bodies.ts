import type { Scenario } from "../upstream/client.ts";

/** A request that a provider would answer, for each path that reaches one. */
export interface SampleBody {
  /** The path as it is called, where the route has parameters. */
  readonly url?: string;
  readonly body: object;
  /** What the provider answers, where it is no chat completion. */
  readonly answer?: Scenario;
  /** How many calls upstream it makes; absent means one. */
  readonly calls?: number;
  /** Costs nothing whatever the provider, so no budget binds it. */
  readonly isFree?: true;
}

const chat = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };

const responses = { model: "replay/priced", input: "hi", max_output_tokens: 20 };
const completion = { model: "replay/priced", prompt: "hi", max_tokens: 20 };
const contents = [{ role: "user", parts: [{ text: "hi" }] }];
const gemini = { contents, generationConfig: { maxOutputTokens: 20 } };
const embedding = { model: "replay/priced", input: "hi" };
const rerank = { model: "replay/priced", query: "hi", documents: ["hi", "ho"] };

const answered = (body: object): Pick<SampleBody, "answer"> => ({
  answer: { body: { kind: "text", text: JSON.stringify(body), contentType: "application/json" } },
});
const vectors = answered({
  object: "list",
  data: [{ object: "embedding", index: 0, embedding: [0.5] }],
  model: "priced",
  usage: { prompt_tokens: 1, total_tokens: 1 },
});
const ranking = answered({
  model: "priced",
  results: [{ index: 0, relevance_score: 0.5 }],
  usage: { total_tokens: 3 },
});

/** Estimated here where the provider doesn't count: nobody is called. */
const counting = { calls: 0, isFree: true } as const;

/** Google's clients write a model's name into the path, slashes and all. */
const GEMINI_NAMES = [
  ["/:a", "alias"],
  ["/:a/:b", "replay/priced"],
  ["/:a/:b/:c", "replay/maker/model"],
  ["/:a/:b/:c/:d", "replay/maker/family/model"],
] as const;

export const SAMPLE_BODIES: { readonly [path: string]: SampleBody } = {
  "/generate": { body: { prompt: "hi", provider: "replay", model: "priced", max_tokens: 20 } },
  "/v1/chat/completions": { body: chat },
  "/openai/v1/chat/completions": { body: chat },
  "/v1/responses": { body: responses },
  "/openai/v1/responses": { body: responses },
  "/v1/responses/input_tokens": { ...counting, body: { model: "replay/priced", input: "hi" } },
  "/openai/v1/responses/input_tokens": { ...counting, body: { model: "replay/priced", input: "hi" } },
  "/v1/completions": { body: completion },
  "/openai/v1/completions": { body: completion },
  "/v1/embeddings": { body: embedding, ...vectors },
  "/openai/v1/embeddings": { body: embedding, ...vectors },
  "/v1/rerank": { body: rerank, ...ranking },
  "/v2/rerank": { body: rerank, ...ranking },
  "/v1/messages": { body: chat },
  "/v1/messages/count_tokens": { ...counting, body: { model: chat.model, messages: chat.messages } },
  ...Object.fromEntries(
    ["/v1beta/models", "/v1alpha/models", "/v1/models"].flatMap((list) =>
      GEMINI_NAMES.map(([path, name]) => [
        list + path,
        { url: `${list}/${name}:generateContent`, body: gemini },
      ]),
    ),
  ),
};
