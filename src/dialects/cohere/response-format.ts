import type { ResponseFormat } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";

/**
 * `response_format`, `{"type": "json_object", "json_schema"}`
 * (https://docs.cohere.com/v2/docs/structured-outputs); undefined for plain text.
 */
export function encodeResponseFormat(format: ResponseFormat | undefined): JsonObject | undefined {
  switch (format?.kind) {
    case "json-schema":
      return { type: "json_object", json_schema: format.schema };
    case "json-object":
      return { type: "json_object" };
    default:
      return undefined;
  }
}
