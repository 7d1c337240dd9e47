import type { Feature } from "../../model/loss.ts";
import type { DialectBounds } from "../translation/bounds.ts";

/** What OpenAI's embeddings can't say: their models make no difference between a query and a document. */
export const BOUNDS: DialectBounds = Object.freeze({
  dialect: "openai-embeddings",
  signatures: [],
  lacks: ["embedding-purpose", "embedding-title"],
} satisfies DialectBounds);

/** The members of a request, by what they say. */
export const FIELDS: { readonly [F in Feature]?: string } = Object.freeze({
  "embedding-dimensions": "dimensions",
  "end-user": "user",
});
