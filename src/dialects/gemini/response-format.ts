import type { ResponseFormat } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { schemaForGoogle } from "./json-schema.ts";
import { either, listOf, objectOf, textOf } from "./members.ts";
import { schemaFromGoogle } from "./schema.ts";

const JSON_TYPE = "application/json";
/** What stands for the name that other dialects give a schema, and Google does not. */
export const SCHEMA_NAME = "response";

/** The members of `generationConfig` that are taken over where they have a canonical form. */
export const FORMAT_MEMBERS: readonly string[] = [
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "_responseJsonSchema",
  "responseFormat",
];

/**
 * The form of the answer (https://ai.google.dev/api/generate-content#generationconfig): a media type with a schema
 * beside it, or the newer `responseFormat`. Undefined for what has no canonical form (an enumeration, for one).
 */
export function decodeResponseFormat(config: JsonObject): ResponseFormat | undefined {
  const newer = listOf(config, "responseFormat")
    .filter(isJsonObject)
    .map((one) => objectOf(one, "text"));
  const [format] = newer;
  if (format !== undefined) return formatOf(typeOf(format), objectOf(format, "schema"));
  const jsonSchema = objectOf(config, "responseJsonSchema") ?? objectOf(config, "_responseJsonSchema");
  const schema = objectOf(config, "responseSchema");
  return formatOf(textOf(config, "responseMimeType"), jsonSchema ?? (schema && schemaFromGoogle(schema)));
}

/** True where the format asks for plain text, as no format does. */
export function isPlainText(config: JsonObject): boolean {
  return (
    either(config, "responseFormat") === undefined && textOf(config, "responseMimeType") === "text/plain"
  );
}

/** The older members: all of Google's models and servers know them. */
export function encodeResponseFormat(format: ResponseFormat): JsonObject {
  switch (format.kind) {
    case "text":
      return {};
    case "json-object":
      return { responseMimeType: JSON_TYPE };
    case "json-schema":
      return { responseMimeType: JSON_TYPE, responseJsonSchema: schemaForGoogle(format.schema) };
  }
}

function formatOf(mediaType: string | undefined, schema: JsonObject | undefined): ResponseFormat | undefined {
  if (mediaType !== JSON_TYPE) return undefined;
  return schema === undefined ? { kind: "json-object" } : { kind: "json-schema", name: SCHEMA_NAME, schema };
}

/** The newer form has its media types as an enumeration's names too: `APPLICATION_JSON`. */
function typeOf(format: JsonObject): string | undefined {
  return textOf(format, "mimeType")?.toLowerCase().replace("_", "/");
}
