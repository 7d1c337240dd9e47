/**
 * The rerank API that most servers have in common, as this gateway writes it: Jina's
 * (https://jina.ai/reranker/, "API"), which vLLM (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html,
 * "Re-rank API"), Together (https://docs.together.ai/reference/rerank) and llama.cpp took over, with `meta`, where
 * Cohere's clients look for what was billed (https://docs.cohere.com/v2/reference/rerank).
 */

/** One of `results`. */
export interface WireResult {
  readonly index: number;
  readonly relevance_score: number;
  readonly document?: { readonly text: string };
}

/** A whole answer. */
export interface WireRanking {
  readonly id: string;
  readonly object: "list";
  readonly model: string;
  readonly results: readonly WireResult[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly meta: {
    readonly api_version: { readonly version: string };
    readonly billed_units: { readonly input_tokens?: number; readonly search_units?: number };
  };
}

/** A refusal: `message` is what Cohere's clients show, `error` what OpenAI's do, `detail` what Jina's do. */
export interface WireError {
  readonly message: string;
  readonly detail: string;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
    readonly request_id: string;
    readonly mend: string;
  };
}
