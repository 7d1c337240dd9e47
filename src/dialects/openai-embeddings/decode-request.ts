import type { RequestSource } from "../../model/dialect.ts";
import type { EmbeddingInput } from "../../model/embedding.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { numberMember, textMember, withoutMembers } from "../json/members.ts";

const TAKEN: ReadonlySet<string> = new Set(["model", "input", "encoding_format", "dimensions", "user"]);

/** Reads a request for embeddings (https://platform.openai.com/docs/api-reference/embeddings/create). */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"embedding"> {
  const parsed = parseJsonBody(bytes);
  const body = parsed.value;
  const model = textMember(body, "model");
  const modelSpan = parsed.spanOf("model");
  if (model === undefined || modelSpan === undefined) throw invalidField("model", "the name of a model");
  const { input } = body;
  if (typeof input !== "string" && !(Array.isArray(input) && input.length > 0))
    throw invalidField("input", "a string, a list of strings, or lists of token ids");
  const endUser = textMember(body, "user");
  let content: EmbeddingInput | undefined;
  return {
    operation: "embedding",
    dialect: "openai-embeddings",
    model,
    stream: false,
    ...(endUser !== undefined && { endUser }),
    original: { bytes, modelSpan, spanOf: parsed.spanOf },
    bodyBytes: bytes.length,
    content: () => (content ??= decodeInput(body)),
  };
}

function decodeInput(body: JsonObject): EmbeddingInput {
  const dimensions = numberMember(body, "dimensions");
  const extension = Object.fromEntries(
    Object.entries(withoutMembers(body, TAKEN)).filter(([, value]) => value !== null),
  );
  return {
    inputs: inputsOf(body["input"]),
    ...(dimensions !== undefined && { dimensions }),
    encoding: body["encoding_format"] === "base64" ? "base64" : "float",
    extensions: Object.keys(extension).length === 0 ? {} : { "openai-embeddings": extension },
  };
}

/** Token ids mean something in one model's vocabulary only: no other provider can be sent them. */
function inputsOf(input: unknown): readonly string[] {
  if (typeof input === "string") return [input];
  if (!Array.isArray(input)) return [];
  return input.map((one: unknown, index) => {
    if (typeof one === "string") return one;
    throw new GatewayError("cannot_translate", {
      message: "The provider of this model takes texts, not the token ids of another model's vocabulary.",
      mend: "Send `input` as a string or a list of strings.",
      field: typeof one === "number" ? "input" : `input[${index}]`,
    });
  });
}
