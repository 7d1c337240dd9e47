import type { JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** A request to order documents by how well they answer a query. */
export interface RerankInput {
  readonly query: string;
  readonly documents: readonly string[];
  /** How many of the best to give; absent means all. */
  readonly top?: number;
  /** Whether the answer repeats the documents. */
  readonly returnDocuments: boolean;
  /** Members with no canonical place, by dialect. */
  readonly extensions: { readonly [dialect: string]: JsonObject };
}

/** One document's place. `index` counts the request's documents from 0. */
export interface RankedDocument {
  readonly index: number;
  /** Higher is better; what it means beyond that is the vendor's own. */
  readonly score: number;
}

/** The documents, best first. */
export interface RerankAnswer {
  readonly id?: string;
  readonly model?: string;
  readonly documents: readonly RankedDocument[];
  readonly usage?: Usage;
}
