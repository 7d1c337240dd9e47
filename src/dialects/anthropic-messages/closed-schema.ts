import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Feature } from "../../model/loss.ts";
import type { Losses } from "../translation/losses.ts";

/**
 * What a schema that is enforced may hold (https://platform.claude.com/docs/en/build-with-claude/structured-outputs,
 * "JSON Schema limitations"). Everything else in it is refused.
 */
const KEPT: ReadonlySet<string> = new Set([
  "type",
  "title",
  "description",
  "enum",
  "const",
  "default",
  "required",
  "$ref",
  "pattern",
]);

const FORMATS: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);

/** Members that hold schemas by name, and those that hold lists of them. */
const NAMED = ["properties", "$defs", "definitions"] as const;
const LISTED = ["anyOf", "allOf", "oneOf"] as const;

/** Says nothing about what is valid. */
const SILENT: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "additionalProperties",
  "examples",
]);

/**
 * The schema as one that Anthropic enforces: every object closed, and bounds that it doesn't know told in descriptions,
 * as Anthropic's own SDKs do it, which is noted as a loss of `feature`. Undefined for a schema that would then mean
 * something else: with open objects, or one that contains itself.
 */
export function closeSchema(schema: JsonObject, losses: Losses, feature: Feature): JsonObject | undefined {
  if (hasOpenObject(schema) || isRecursive(schema)) return undefined;
  const told = { isAny: false };
  const closed = close(schema, told);
  if (told.isAny) losses.add(feature, "bounds such as `minimum` became part of the schema's descriptions");
  return closed;
}

function close(schema: JsonObject, told: { isAny: boolean }): JsonObject {
  const entries: [string, unknown][] = [];
  const beyond: string[] = [];
  for (const [name, value] of Object.entries(schema)) {
    const kept = closeMember(name, value, told);
    if (kept !== undefined) entries.push(kept);
    else if (!SILENT.has(name)) beyond.push(`${name}: ${JSON.stringify(value)}`);
  }
  if (isObjectSchema(schema)) entries.push(["additionalProperties", false]);
  const closed = Object.fromEntries(entries);
  if (beyond.length === 0) return closed;
  told.isAny = true;
  const { description } = schema;
  const before = typeof description === "string" && description !== "" ? `${description}\n\n` : "";
  return { ...closed, description: `${before}{${beyond.join(", ")}}` };
}

/** The member as it is kept; undefined where it can't be. */
function closeMember(name: string, value: unknown, told: { isAny: boolean }): [string, unknown] | undefined {
  const inner = (one: unknown): unknown => (isJsonObject(one) ? close(one, told) : one);
  if (NAMED.some((known) => known === name) && isJsonObject(value)) {
    return [name, Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]))];
  }
  if (LISTED.some((known) => known === name) && Array.isArray(value))
    return [name === "oneOf" ? "anyOf" : name, value.map(inner)];
  if (name === "items" && isJsonObject(value)) return [name, inner(value)];
  if (name === "minItems" && (value === 0 || value === 1)) return [name, value];
  if (name === "format" && FORMATS.has(value)) return [name, value];
  return KEPT.has(name) ? [name, value] : undefined;
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object")) || isJsonObject(properties);
}

/** True where some object takes members that are not named; closing it would forbid them. */
function hasOpenObject(schema: JsonObject): boolean {
  const { properties, additionalProperties, patternProperties } = schema;
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  const isFree = isObjectSchema(schema) && !isJsonObject(properties);
  return isOpen || isFree || patternProperties !== undefined || innerSchemas(schema).some(hasOpenObject);
}

/** True where a reference leads back to a schema around it. */
function isRecursive(root: JsonObject): boolean {
  const done = new Set<JsonObject>();
  const leadsBack = (schema: JsonObject, around: readonly JsonObject[]): boolean => {
    if (around.includes(schema)) return true;
    if (done.has(schema)) return false;
    const target = targetOf(schema["$ref"], root);
    const next = target === undefined ? innerSchemas(schema) : [...innerSchemas(schema), target];
    const found = next.some((one) => leadsBack(one, [...around, schema]));
    if (!found) done.add(schema);
    return found;
  };
  return leadsBack(root, []);
}

function innerSchemas(schema: JsonObject): readonly JsonObject[] {
  const named = NAMED.flatMap((name) => {
    const value = schema[name];
    return isJsonObject(value) ? Object.values(value) : [];
  });
  const listed = LISTED.flatMap((name) => {
    const value = schema[name];
    return Array.isArray(value) ? value : [];
  });
  return [...named, ...listed, schema["items"]].filter(isJsonObject);
}

/** What a local reference (`#`, `#/$defs/name`) names. */
function targetOf(reference: unknown, root: JsonObject): JsonObject | undefined {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const part of reference.split("/").slice(1))
    found = isJsonObject(found) && Object.hasOwn(found, part) ? found[part] : undefined;
  return isJsonObject(found) ? found : undefined;
}
