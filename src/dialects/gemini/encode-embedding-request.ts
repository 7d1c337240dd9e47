import { type EncodedRequest, type EncodeTarget, PLAIN_FORM } from "../../model/dialect.ts";
import type { EmbeddingInput } from "../../model/embedding.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { boundsFor } from "../translation/bounds.ts";
import { dropLacking, type MemberRule } from "../translation/drop-lacking.ts";
import { noteForeignExtensions } from "../translation/fit-conversation.ts";
import { Losses } from "../translation/losses.ts";
import { BOUNDS } from "./bounds.ts";
import { modelPath } from "./model-members.ts";
import { purposeToWire } from "./task-type.ts";

const RULES: readonly MemberRule<EmbeddingInput>[] = [
  { member: "dimensions", feature: "embedding-dimensions" },
  { member: "purpose", feature: "embedding-purpose" },
  { member: "title", feature: "embedding-title" },
];

/** A request as the body of batchEmbedContents (https://ai.google.dev/api/embeddings): one entry an input. */
export function encodeEmbeddingRequest(
  request: InferenceRequest<"embedding">,
  { model, quirks }: EncodeTarget,
): EncodedRequest {
  const losses = new Losses();
  const bounds = boundsFor(BOUNDS, quirks);
  const input = dropLacking(request.content(), RULES, bounds, losses);
  noteForeignExtensions(input.extensions, bounds, losses);
  const { dimensions, purpose, title } = input;
  const settings: JsonObject = {
    ...input.extensions["gemini"],
    ...(purpose !== undefined && { taskType: purposeToWire(purpose) }),
    ...(title !== undefined && { title }),
    ...(dimensions !== undefined && { outputDimensionality: dimensions }),
  };
  const requests = input.inputs.map((text) => ({
    model: modelPath(model),
    content: { parts: [{ text }] },
    ...settings,
  }));
  return { body: JSON.stringify({ requests }), losses: losses.list(), form: PLAIN_FORM };
}
