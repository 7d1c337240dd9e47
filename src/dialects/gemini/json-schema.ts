import { isJsonObject, type JsonObject } from "../../model/json.ts";

/** Members that hold a schema, a list of schemas, or schemas by name. */
const SCHEMAS: ReadonlySet<string> = new Set(["items", "additionalProperties"]);
const LISTS: ReadonlySet<string> = new Set(["anyOf", "oneOf", "prefixItems"]);
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs"]);

const OLD_DEFINITIONS = "#/definitions/";

/**
 * A JSON Schema as Google's `responseJsonSchema` and `parametersJsonSchema` take it
 * (https://ai.google.dev/api/generate-content#FIELDS.response_json_schema). Most members that they don't know are
 * passed over there; the few that would change the meaning, or have the request refused, are said in another way:
 * `const` as an enumeration of one, `definitions` as `$defs`, `allOf` of one as that one, OpenAPI's `nullable` as a
 * type, and nothing beside a `$ref`.
 */
export function schemaForGoogle(schema: JsonObject): JsonObject {
  const { $ref } = schema;
  if (typeof $ref === "string") return besideReference(schema, $ref);
  const members: [string, unknown][] = [];
  for (const [name, value] of Object.entries(schema)) members.push(...convertedMember(name, value));
  const whole: JsonObject = Object.fromEntries(members);
  return schema["nullable"] === true ? withNull(whole) : whole;
}

function convertedMember(name: string, value: unknown): [string, unknown][] {
  switch (name) {
    case "$schema":
    case "nullable":
      return [];
    case "const":
      return [["enum", [value]]];
    case "definitions":
      return isJsonObject(value) ? [["$defs", convertedAll(value)]] : [];
    case "allOf":
      return onlySchema(value);
    default:
      return [[name, convertedValue(name, value)]];
  }
}

/** `allOf` of a single schema is how generators put a description beside a reference. */
function onlySchema(value: unknown): [string, unknown][] {
  const [only] = Array.isArray(value) && value.length === 1 ? value : [];
  if (isJsonObject(only)) return Object.entries(schemaForGoogle(only));
  return [["allOf", Array.isArray(value) ? value.map(convertedIfSchema) : value]];
}

function convertedValue(name: string, value: unknown): unknown {
  if (SCHEMAS.has(name)) return convertedIfSchema(value);
  if (LISTS.has(name) && Array.isArray(value)) return value.map(convertedIfSchema);
  return NAMED.has(name) && isJsonObject(value) ? convertedAll(value) : value;
}

function convertedAll(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, convertedIfSchema(one)]));
}

function convertedIfSchema(value: unknown): unknown {
  return isJsonObject(value) ? schemaForGoogle(value) : value;
}

/** Beside a reference only members may stand that begin with a dollar sign. */
function besideReference(schema: JsonObject, reference: string): JsonObject {
  const kept = Object.entries(schema).filter(([name]) => name.startsWith("$") && name !== "$schema");
  const definitions = schema["$defs"] ?? schema["definitions"];
  return {
    ...Object.fromEntries(kept),
    ...(isJsonObject(definitions) && { $defs: convertedAll(definitions) }),
    $ref: reference.startsWith(OLD_DEFINITIONS)
      ? `#/$defs/${reference.slice(OLD_DEFINITIONS.length)}`
      : reference,
  };
}

function withNull(schema: JsonObject): JsonObject {
  const { type } = schema;
  if (typeof type !== "string" || type === "null") return schema;
  return { ...schema, type: [type, "null"] };
}
