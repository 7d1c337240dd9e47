import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import { PLAIN_FORM } from "../../model/dialect.ts";
import type { EmbeddingInput } from "../../model/embedding.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { type Bounds, boundsFor } from "../translation/bounds.ts";
import { dropLacking, type MemberRule } from "../translation/drop-lacking.ts";
import { noteForeignExtensions } from "../translation/fit-conversation.ts";
import { Losses } from "../translation/losses.ts";
import { BOUNDS } from "./bounds.ts";

const RULES: readonly MemberRule<EmbeddingInput>[] = [
  { member: "dimensions", feature: "embedding-dimensions" },
  { member: "purpose", feature: "embedding-purpose" },
  { member: "title", feature: "embedding-title" },
];

/**
 * A request as a provider's embeddings body (https://platform.openai.com/docs/api-reference/embeddings/create). The
 * vectors are asked for as numbers, which is what every server gives where nothing is said.
 */
export function encodeRequest(request: InferenceRequest<"embedding">, target: EncodeTarget): EncodedRequest {
  const { model, quirks } = target;
  const losses = new Losses();
  const bounds = boundsFor(BOUNDS, quirks);
  const { inputs, dimensions, extensions } = dropLacking(request.content(), RULES, bounds, losses);
  noteForeignExtensions(extensions, bounds, losses);
  const body = {
    model,
    input: inputs,
    ...(dimensions !== undefined && { dimensions }),
    ...encodeEndUser(request, bounds, losses),
    ...extensions["openai-embeddings"],
  };
  return { body: JSON.stringify(body), losses: losses.list(), form: PLAIN_FORM };
}

/** Here the newer name for it is not known. */
function encodeEndUser(
  { endUser }: InferenceRequest,
  { lacks }: Bounds,
  losses: Losses,
): { readonly user?: string } {
  if (endUser === undefined) return {};
  if (!lacks.has("end-user")) return { user: endUser };
  losses.add("end-user", "left out");
  return {};
}
