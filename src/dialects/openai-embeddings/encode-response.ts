import type { Receipt } from "../../model/dialect.ts";
import type { EmbeddingAnswer } from "../../model/embedding.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { usageToWire } from "./usage.ts";
import { encodeVector } from "./vector.ts";

/** The vectors as OpenAI's list (https://platform.openai.com/docs/api-reference/embeddings/object). */
export function encodeResponse(
  answer: EmbeddingAnswer,
  request: InferenceRequest<"embedding">,
  receipt: Receipt,
): string {
  const { encoding } = request.content();
  return JSON.stringify({
    object: "list",
    data: answer.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encoding === "base64" ? encodeVector(vector) : vector,
    })),
    model: answer.model ?? receipt.model,
    usage: usageToWire(answer.usage ?? receipt.usage),
  });
}
