import type { Conversation } from "./conversation.ts";
import type { EmbeddingAnswer, EmbeddingInput } from "./embedding.ts";
import type { InferenceResponse } from "./inference-response.ts";
import type { RerankAnswer, RerankInput } from "./rerank.ts";
import type { TokenCount } from "./token-count.ts";

/** What each operation is asked, and what it answers. */
export interface OperationTypes {
  readonly chat: { readonly content: Conversation; readonly answer: InferenceResponse };
  /** How many tokens a conversation would take as input; nothing is generated. */
  readonly "count-tokens": { readonly content: Conversation; readonly answer: TokenCount };
  readonly embedding: { readonly content: EmbeddingInput; readonly answer: EmbeddingAnswer };
  readonly rerank: { readonly content: RerankInput; readonly answer: RerankAnswer };
}

/** What a call is for. */
export type Operation = keyof OperationTypes;

/** Every operation. */
export const OPERATIONS = [
  "chat",
  "count-tokens",
  "embedding",
  "rerank",
] as const satisfies readonly Operation[];

/** The canonical content of a request, by operation. */
export type ContentOf<O extends Operation> = OperationTypes[O]["content"];

/** The canonical answer, by operation. */
export type AnswerOf<O extends Operation> = OperationTypes[O]["answer"];
