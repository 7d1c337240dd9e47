import type { Conversation, ResponseFormat } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

const SCHEMA_MEMBERS: ReadonlySet<string> = new Set(["type", "name", "description", "schema", "strict"]);

type TextSettings = Pick<Conversation, "responseFormat" | "verbosity">;

/** `text`: the form of the answer and how wordy it is. */
export function decodeTextSettings(text: unknown): TextSettings {
  if (!isJsonObject(text)) return {};
  const { verbosity } = text;
  const responseFormat = decodeFormat(text["format"]);
  return {
    ...(responseFormat && { responseFormat }),
    ...((verbosity === "low" || verbosity === "medium" || verbosity === "high") && { verbosity }),
  };
}

/** What of `text` has no canonical form: kept for providers of this same dialect. */
export function extendedText(text: unknown, { responseFormat, verbosity }: TextSettings): JsonObject {
  if (!isJsonObject(text)) return {};
  const { format, verbosity: asked, ...rest } = text;
  const isWhole = responseFormat !== undefined && isJsonObject(format) && isWhollyCanonical(format);
  return {
    ...rest,
    ...(isJsonObject(format) && !isWhole && { format }),
    ...(asked !== undefined && asked !== null && verbosity === undefined && { verbosity: asked }),
  };
}

export function encodeTextSettings({ responseFormat, verbosity }: TextSettings): JsonObject {
  return {
    ...(responseFormat !== undefined && { format: encodeFormat(responseFormat) }),
    ...(verbosity !== undefined && { verbosity }),
  };
}

function decodeFormat(format: unknown): ResponseFormat | undefined {
  if (!isJsonObject(format)) return undefined;
  switch (format["type"]) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json-object" };
    case "json_schema":
      return decodeSchema(format);
    default:
      return undefined;
  }
}

function decodeSchema(format: JsonObject): ResponseFormat | undefined {
  const name = textMember(format, "name");
  const { schema, strict } = format;
  if (name === undefined || !isJsonObject(schema)) return undefined;
  const description = textMember(format, "description");
  return {
    kind: "json-schema",
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(typeof strict === "boolean" && { strict }),
  };
}

function encodeFormat(format: ResponseFormat): JsonObject {
  switch (format.kind) {
    case "text":
      return { type: "text" };
    case "json-object":
      return { type: "json_object" };
    case "json-schema": {
      const { name, description, schema, strict } = format;
      const described = description !== undefined && { description };
      return { type: "json_schema", name, ...described, schema, ...(strict !== undefined && { strict }) };
    }
  }
}

function isWhollyCanonical(format: JsonObject): boolean {
  return Object.keys(format).every((name) => SCHEMA_MEMBERS.has(name));
}
