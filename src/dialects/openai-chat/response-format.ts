import type { ResponseFormat } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

const SCHEMA_MEMBERS: ReadonlySet<string> = new Set(["name", "description", "schema", "strict"]);

/** `response_format`; undefined for what has no canonical form. */
export function decodeResponseFormat(format: unknown): ResponseFormat | undefined {
  if (!isJsonObject(format)) return undefined;
  switch (format["type"]) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json-object" };
    case "json_schema":
      return isJsonObject(format["json_schema"]) ? decodeSchema(format["json_schema"]) : undefined;
    default:
      return undefined;
  }
}

export function encodeResponseFormat(format: ResponseFormat): JsonObject {
  switch (format.kind) {
    case "text":
      return { type: "text" };
    case "json-object":
      return { type: "json_object" };
    case "json-schema": {
      const { name, description, schema, strict } = format;
      const named = { name, ...(description !== undefined && { description }) };
      const json_schema = { ...named, schema, ...(strict !== undefined && { strict }) };
      return { type: "json_schema", json_schema };
    }
  }
}

/** True where the canonical form holds all that the wire form says, so that nothing need be kept beside it. */
export function isWhollyCanonical(format: unknown): boolean {
  const schema = isJsonObject(format) ? format["json_schema"] : undefined;
  return !isJsonObject(schema) || Object.keys(schema).every((name) => SCHEMA_MEMBERS.has(name));
}

function decodeSchema(wire: JsonObject): ResponseFormat | undefined {
  const name = textMember(wire, "name");
  const { schema, strict } = wire;
  if (name === undefined || !isJsonObject(schema)) return undefined;
  const description = textMember(wire, "description");
  return {
    kind: "json-schema",
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(typeof strict === "boolean" && { strict }),
  };
}
