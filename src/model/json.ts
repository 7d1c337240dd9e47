/** A JSON object as parsed: every member unknown until it is looked at. */
export type JsonObject = { readonly [name: string]: unknown };

/** True for a parsed JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
