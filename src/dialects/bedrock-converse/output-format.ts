import type { Conversation, ResponseFormat } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { type JsonTool, jsonToolFor } from "../translation/json-tool.ts";

/** How the form of an answer is asked for: natively, by a tool, or not at all. */
export interface EncodedFormat {
  /** Of `outputConfig`. */
  readonly textFormat?: JsonObject;
  readonly jsonTool?: JsonTool;
}

/**
 * The form of the answer (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html): natively for
 * the families that take it and for schemas that it takes; else the answer is made the arguments of a tool, which the
 * model is forced to call.
 */
export function encodeFormat(conversation: Conversation, { jsonSchema }: Quirks): EncodedFormat {
  const { responseFormat } = conversation;
  if (jsonSchema === "native" && responseFormat?.kind === "json-schema" && isClosed(responseFormat.schema))
    return { textFormat: nativeFormat(responseFormat) };
  const jsonTool = jsonToolFor(conversation);
  return jsonTool === undefined ? {} : { jsonTool };
}

function nativeFormat({
  name,
  description,
  schema,
}: Extract<ResponseFormat, { kind: "json-schema" }>): JsonObject {
  const jsonSchema = {
    schema: JSON.stringify(schema),
    name,
    ...(description !== undefined && { description }),
  };
  return { type: "json_schema", structure: { jsonSchema } };
}

/** Native schemas must say of each object that it has no further members ("additionalProperties": false). */
function isClosed(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed);
  if (!isJsonObject(schema)) return true;
  const isOpenObject = schema["type"] === "object" && schema["additionalProperties"] !== false;
  return !isOpenObject && Object.values(schema).every(isClosed);
}
