import type { EmbeddingPurpose } from "../../model/embedding.ts";

/** `taskType` (https://ai.google.dev/gemini-api/docs/embeddings, "supported task types"), by what it is for. */
const TASK_TYPES: { readonly [P in EmbeddingPurpose]: string } = {
  query: "RETRIEVAL_QUERY",
  document: "RETRIEVAL_DOCUMENT",
  similarity: "SEMANTIC_SIMILARITY",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
  "question-answering": "QUESTION_ANSWERING",
  "fact-verification": "FACT_VERIFICATION",
  "code-query": "CODE_RETRIEVAL_QUERY",
};

/** The purpose, where other vendors know it too. */
export function purposeFromWire(taskType: string | undefined): EmbeddingPurpose | undefined {
  const known = Object.entries(TASK_TYPES).find(([, wire]) => wire === taskType?.toUpperCase());
  return known?.[0] as EmbeddingPurpose | undefined;
}

export function purposeToWire(purpose: EmbeddingPurpose): string {
  return TASK_TYPES[purpose];
}
