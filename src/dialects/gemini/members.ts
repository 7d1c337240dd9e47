import { isJsonObject, type JsonObject } from "../../model/json.ts";

const underscored = new Map<string, string>();

/**
 * A member by either of the two names that Google's servers take it by: `inlineData` and `inline_data`
 * (https://protobuf.dev/programming-guides/json, "field names"). Null stands for absent.
 */
export function either(object: JsonObject, name: string): unknown {
  return object[name] ?? object[underscoredName(name)] ?? undefined;
}

/** As `either`, where it is an object. */
export function objectOf(object: JsonObject, name: string): JsonObject | undefined {
  const value = either(object, name);
  return isJsonObject(value) ? value : undefined;
}

/** As `either`, where it is a string with something in it. */
export function textOf(object: JsonObject, name: string): string | undefined {
  const value = either(object, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** As `either`, where it is a number; whole numbers of 64 bits come as text. */
export function numberOf(object: JsonObject, name: string): number | undefined {
  const value = either(object, name);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** As `either`, as a list: one thing alone stands for a list of it, as Google's servers take it. */
export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = either(object, name);
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? [value] : [];
}

/** True for each of the two names of that member. */
export function isNameOf(given: string, name: string): boolean {
  return given === name || given === underscoredName(name);
}

/** The members but those named, whichever way they are spelled. */
export function withoutEither(object: JsonObject, names: readonly string[]): JsonObject {
  const kept = Object.entries(object).filter(([given]) => !names.some((name) => isNameOf(given, name)));
  return Object.fromEntries(kept);
}

function underscoredName(name: string): string {
  const known = underscored.get(name);
  if (known !== undefined) return known;
  const made = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  underscored.set(name, made);
  return made;
}
