import { type EncodedRequest, type EncodeTarget, PLAIN_FORM } from "../../model/dialect.ts";
import type { EmbeddingPurpose } from "../../model/embedding.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { boundsFor } from "../translation/bounds.ts";
import { noteForeignExtensions } from "../translation/fit-conversation.ts";
import { Losses } from "../translation/losses.ts";
import { sameMembersOf } from "../translation/same-members.ts";
import { EMBEDDING_BOUNDS } from "./bounds.ts";

const INPUT_TYPES: { readonly [P in EmbeddingPurpose]: string } = {
  query: "search_query",
  document: "search_document",
  classification: "classification",
  clustering: "clustering",
  // Closest to it: both compare texts of one kind with each other.
  similarity: "clustering",
  // Each is a query for documents that answer it.
  "question-answering": "search_query",
  "fact-verification": "search_query",
  "code-query": "search_query",
};

/** Purposes that another word than the client's own stands for. */
const NEAREST: ReadonlySet<EmbeddingPurpose> = new Set([
  "similarity",
  "question-answering",
  "fact-verification",
  "code-query",
]);

/**
 * A request for embeddings (https://docs.cohere.com/v2/reference/embed). `input_type` is demanded: where the client says
 * no purpose, texts are taken for documents, which is what most embeddings are made for.
 */
export function encodeEmbedding(
  request: InferenceRequest<"embedding">,
  target: EncodeTarget,
): EncodedRequest {
  const { inputs, dimensions, purpose, title, extensions } = request.content();
  const losses = new Losses();
  const bounds = boundsFor(EMBEDDING_BOUNDS, target.quirks);
  noteForeignExtensions(extensions, bounds, losses);
  if (request.endUser !== undefined) losses.add("end-user", "left out");
  if (title !== undefined) losses.add("embedding-title", "left out");
  if (purpose !== undefined && NEAREST.has(purpose))
    losses.add("embedding-purpose", `"${INPUT_TYPES[purpose]}" was sent, the nearest that it takes`);
  const hasDimensions = dimensions !== undefined && !bounds.lacks.has("embedding-dimensions");
  if (dimensions !== undefined && !hasDimensions) losses.add("embedding-dimensions", "left out");
  const body = {
    input_type: INPUT_TYPES[purpose ?? "document"],
    ...sameMembersOf(extensions, EMBEDDING_BOUNDS),
    model: target.model,
    texts: inputs,
    embedding_types: ["float"],
    ...(hasDimensions && { output_dimension: dimensions }),
  };
  return { body: JSON.stringify(body), losses: losses.list(), form: PLAIN_FORM };
}
