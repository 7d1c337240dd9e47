import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { either, isNameOf, listOf } from "./members.ts";

/** Bounds that Google writes as whole numbers of 64 bits, hence as text. */
const COUNTS = ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"];

/** Members that are read here and written in another form. */
const READ_HERE = [
  "type",
  "nullable",
  "format",
  "enum",
  "items",
  "properties",
  "anyOf",
  "propertyOrdering",
  "example",
  ...COUNTS,
];

/** The members that Google's subset shares with JSON Schema, by the name that the latter knows them by. */
const SAME = ["title", "description", "required", "default", "pattern", "minimum", "maximum"];

/**
 * A schema in Google's subset of OpenAPI's schema object (https://ai.google.dev/api/caching#Schema) as JSON Schema:
 * types in lower case, `nullable` as a type, counts as numbers. What is JSON Schema already, as many clients write it,
 * stays what it is.
 */
export function schemaFromGoogle(schema: JsonObject): JsonObject {
  const converted: [string, unknown][] = [];
  for (const [name, value] of Object.entries(schema)) {
    if (READ_HERE.some((known) => isNameOf(name, known))) continue;
    converted.push([SAME.find((known) => isNameOf(name, known)) ?? name, value]);
  }
  converted.push(...convertedMembers(schema));
  const whole: JsonObject = Object.fromEntries(converted);
  return either(schema, "nullable") === true ? nullable(whole) : whole;
}

function convertedMembers(schema: JsonObject): [string, unknown][] {
  const { type, format, items, properties } = schema;
  const members: [string, unknown][] = [];
  const add = (name: string, value: unknown): void => {
    if (value !== undefined && value !== null) members.push([name, value]);
  };
  add("type", typeName(type));
  // `enum` is the format of Google's enumerations, and no format of JSON Schema.
  add("format", format === "enum" ? undefined : format);
  add("enum", schema["enum"]);
  add("items", isJsonObject(items) ? schemaFromGoogle(items) : items);
  add("properties", isJsonObject(properties) ? convertedProperties(properties, schema) : properties);
  const alternatives = listOf(schema, "anyOf");
  if (alternatives.length > 0) add("anyOf", alternatives.map(convertedIfSchema));
  for (const name of COUNTS) add(name, countOf(either(schema, name)));
  const example = either(schema, "example");
  if (example !== undefined) add("examples", [example]);
  return members;
}

/** In the order that `propertyOrdering` asks for, which is the order in which the model writes them. */
function convertedProperties(properties: JsonObject, schema: JsonObject): JsonObject {
  const ordering = either(schema, "propertyOrdering");
  const order = Array.isArray(ordering) ? ordering : [];
  const rank = (name: string): number => {
    const place = order.indexOf(name);
    return place === -1 ? order.length : place;
  };
  const entries = Object.entries(properties).sort(([one], [other]) => rank(one) - rank(other));
  return Object.fromEntries(entries.map(([name, value]) => [name, convertedIfSchema(value)]));
}

function convertedIfSchema(value: unknown): unknown {
  return isJsonObject(value) ? schemaFromGoogle(value) : value;
}

function typeName(type: unknown): unknown {
  if (typeof type !== "string") return Array.isArray(type) ? type.map(typeName) : undefined;
  return type === "TYPE_UNSPECIFIED" ? undefined : type.toLowerCase();
}

function countOf(value: unknown): unknown {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function nullable(schema: JsonObject): JsonObject {
  const { type, anyOf, enum: values } = schema;
  const listed = Array.isArray(values) && !values.includes(null) && { enum: [...values, null] };
  if (Array.isArray(anyOf)) return { ...schema, ...listed, anyOf: [...anyOf, { type: "null" }] };
  if (type === undefined) return { ...schema, ...listed };
  const types = Array.isArray(type) ? type : [type];
  return types.includes("null") ? schema : { ...schema, ...listed, type: [...types, "null"] };
}
