import type { DialectBounds } from "../translation/bounds.ts";

/** What Cohere's chat has no words for (https://docs.cohere.com/v2/reference/chat). */
export const BOUNDS: DialectBounds = Object.freeze({
  dialect: "cohere",
  signatures: [],
  maxStopSequences: 5,
  sameMembers: ["safety_mode", "citation_options", "documents", "priority", "strict_tools"],
  lacks: [
    "message-name",
    "document-url",
    "audio",
    "video",
    "refusal-history",
    "free-form-tools",
    "allowed-tools",
    "parallel-tool-calls",
    "tool-result-media",
    "tool-result-error",
    "choices",
    "reasoning-shown",
    "verbosity",
    "cache-marker",
    "cache-key",
    "end-user",
    "metadata",
    "service-tier",
    "store",
  ],
} satisfies DialectBounds);

/** The same for embeddings (https://docs.cohere.com/v2/reference/embed). */
export const EMBEDDING_BOUNDS: DialectBounds = Object.freeze({
  dialect: "cohere",
  signatures: [],
  sameMembers: ["input_type", "truncate", "max_tokens", "priority"],
  lacks: [],
} satisfies DialectBounds);

/** The same for rankings (https://docs.cohere.com/v2/reference/rerank). */
export const RERANK_BOUNDS: DialectBounds = Object.freeze({
  dialect: "cohere",
  signatures: [],
  sameMembers: ["max_tokens_per_doc", "priority"],
  lacks: [],
} satisfies DialectBounds);
