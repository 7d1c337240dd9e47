/** A request that a provider would answer, for each path that reaches one. */
export interface SampleBody {
  /** The path as it is called, where the route has parameters. */
  readonly url?: string;
  readonly body: object;
  /** How many calls upstream it makes; absent means one. */
  readonly calls?: number;
  /** Costs nothing whatever the provider, so no budget binds it. */
  readonly isFree?: true;
}

const chat = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };

const responses = { model: "replay/priced", input: "hi", max_output_tokens: 20 };
const completion = { model: "replay/priced", prompt: "hi", max_tokens: 20 };
const embedding = { model: "replay/priced", input: "hi" };

export const SAMPLE_BODIES: { readonly [path: string]: SampleBody } = {
  "/generate": { body: { prompt: "hi", provider: "replay", model: "priced", max_tokens: 20 } },
  "/v1/chat/completions": { body: chat },
  "/openai/v1/chat/completions": { body: chat },
  "/v1/responses": { body: responses },
  "/openai/v1/responses": { body: responses },
  "/v1/completions": { body: completion },
  "/openai/v1/completions": { body: completion },
  "/v1/embeddings": { body: embedding },
  "/openai/v1/embeddings": { body: embedding },
  "/v1/messages": { body: chat },
  // Estimated here where the provider doesn't count: nobody is called.
  "/v1/messages/count_tokens": {
    body: { model: chat.model, messages: chat.messages },
    calls: 0,
    isFree: true,
  },
};
