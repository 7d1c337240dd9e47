import type { JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** What the embeddings are for, where a vendor's model makes a difference between them. */
export type EmbeddingPurpose =
  | "query"
  | "document"
  | "similarity"
  | "classification"
  | "clustering"
  /** Google's finer kinds of query. */
  | "question-answering"
  | "fact-verification"
  | "code-query";

/** A request for embeddings: each input becomes one vector, in order. */
export interface EmbeddingInput {
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  readonly purpose?: EmbeddingPurpose;
  /** A title of the documents, which Google's models take. */
  readonly title?: string;
  /** How the client wants its vectors; `base64` is of little-endian 32-bit floats. */
  readonly encoding: "float" | "base64";
  /** Members with no canonical place, by dialect. */
  readonly extensions: { readonly [dialect: string]: JsonObject };
}

/** The vectors, in the order of the inputs. */
export interface EmbeddingAnswer {
  readonly id?: string;
  readonly model?: string;
  readonly vectors: readonly (readonly number[])[];
  readonly usage?: Usage;
}
