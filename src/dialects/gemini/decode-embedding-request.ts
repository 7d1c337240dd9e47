import type { RequestSource } from "../../model/dialect.ts";
import type { EmbeddingInput, EmbeddingPurpose } from "../../model/embedding.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { readAction } from "./actions.ts";
import { either, listOf, numberOf, objectOf, textOf, withoutEither } from "./members.ts";
import { withModel } from "./model-members.ts";
import { purposeFromWire } from "./task-type.ts";

const LIST = "requests";
/** Where newer clients put the settings of one request. */
const CONFIG = "embedContentConfig";
const TAKEN = ["model", "content", "outputDimensionality", "title", CONFIG];

/**
 * Reads a request to embedContent, for one content, or to batchEmbedContents, for several
 * (https://ai.google.dev/api/embeddings).
 */
export function decodeEmbeddingRequest({ bytes, pathRest }: RequestSource): InferenceRequest<"embedding"> {
  const { model, action } = readAction(pathRest);
  const { value: body, spanOf } = parseJsonBody(bytes);
  const isSingle = action === "embedContent";
  const requests = isSingle ? [body] : listOf(body, LIST);
  if (requests.length === 0) throw invalidField(LIST, "a list of at least one request");
  let input: EmbeddingInput | undefined;
  return {
    operation: "embedding",
    dialect: "gemini",
    model,
    stream: false,
    ...(isSingle && { isSingle }),
    original: { bytes, spanOf, renamed: (name) => withModel(body, [LIST], name) },
    bodyBytes: bytes.length,
    content: () => (input ??= decodeInput(requests, isSingle)),
  };
}

function decodeInput(requests: readonly unknown[], isSingle: boolean): EmbeddingInput {
  const inputs = requests.map((request, index) => textAt(request, isSingle ? "" : `${LIST}[${index}].`));
  const settings = requests.map((request) => settingsOf(isJsonObject(request) ? request : {}));
  const [first = { extensions: {} }] = settings;
  if (settings.some((one) => JSON.stringify(one) !== JSON.stringify(first))) {
    throw new GatewayError("cannot_translate", {
      message: "The provider of this model takes one setting for all inputs of a request.",
      mend: "Send inputs with different settings in requests of their own.",
      field: LIST,
    });
  }
  return { inputs, encoding: "float", ...first };
}

type Settings = Pick<EmbeddingInput, "dimensions" | "purpose" | "title" | "extensions">;

function settingsOf(request: JsonObject): Settings {
  const all = { ...request, ...objectOf(request, CONFIG) };
  const dimensions = numberOf(all, "outputDimensionality");
  const purpose: EmbeddingPurpose | undefined = purposeFromWire(textOf(all, "taskType"));
  const title = textOf(all, "title");
  const rest = withoutEither(all, purpose === undefined ? TAKEN : [...TAKEN, "taskType"]);
  return {
    ...(dimensions !== undefined && { dimensions }),
    ...(purpose !== undefined && { purpose }),
    ...(title !== undefined && { title }),
    extensions: Object.keys(rest).length === 0 ? {} : { gemini: rest },
  };
}

/** All parts of a content make one vector together. */
function textAt(request: unknown, path: string): string {
  const content = isJsonObject(request) ? objectOf(request, "content") : undefined;
  if (content === undefined) throw invalidField(`${path}content`, "a content");
  const texts = listOf(content, "parts").map((part, index) => {
    const text = isJsonObject(part) ? either(part, "text") : undefined;
    if (typeof text === "string") return text;
    throw new GatewayError("cannot_translate", {
      message: "The provider of this model makes embeddings of text alone.",
      field: `${path}content.parts[${index}]`,
    });
  });
  return texts.join("\n");
}
