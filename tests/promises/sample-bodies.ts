/** A request that a provider would answer, for each path that reaches one. */
export interface SampleBody {
  /** The path as it is called, where the route has parameters. */
  readonly url?: string;
  readonly body: object;
  /** How many calls upstream it makes; absent means one. */
  readonly calls?: number;
}

const chat = { model: "replay/priced", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };

export const SAMPLE_BODIES: { readonly [path: string]: SampleBody } = {
  "/generate": { body: { prompt: "hi", provider: "replay", model: "priced", max_tokens: 20 } },
  "/v1/chat/completions": { body: chat },
  "/openai/v1/chat/completions": { body: chat },
};
