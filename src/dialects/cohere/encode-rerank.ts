import { type EncodedRequest, type EncodeTarget, PLAIN_FORM } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { boundsFor } from "../translation/bounds.ts";
import { noteForeignExtensions } from "../translation/fit-conversation.ts";
import { Losses } from "../translation/losses.ts";
import { sameMembersOf } from "../translation/same-members.ts";
import { RERANK_BOUNDS } from "./bounds.ts";

/**
 * A request to order documents (https://docs.cohere.com/v2/reference/rerank). The answer repeats no document: where the
 * client wants them, they are put back from its request.
 */
export function encodeRerank(request: InferenceRequest<"rerank">, target: EncodeTarget): EncodedRequest {
  const { query, documents, top, extensions } = request.content();
  const losses = new Losses();
  noteForeignExtensions(extensions, boundsFor(RERANK_BOUNDS, target.quirks), losses);
  if (request.endUser !== undefined) losses.add("end-user", "left out");
  const body = {
    ...sameMembersOf(extensions, RERANK_BOUNDS),
    model: target.model,
    query,
    documents,
    ...(top !== undefined && { top_n: top }),
  };
  return { body: JSON.stringify(body), losses: losses.list(), form: PLAIN_FORM };
}
