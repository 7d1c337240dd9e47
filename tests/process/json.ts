import { isJsonObject, type JsonObject } from "../../src/model/json.ts";

/** The way into JSON: names of members, places in arrays. */
type Path = readonly (string | number)[];

/** What a path leads to; undefined where its last step has nothing. Throws where an earlier one hasn't. */
export function valueAt(json: unknown, ...path: Path): unknown {
  return path.reduce((value: unknown, step): unknown => {
    if (typeof value !== "object" || value === null) return refuse(json, path, "value");
    return Object.getOwnPropertyDescriptor(value, step)?.value;
  }, json);
}

/** The text to which a path leads. Throws where there is none. */
export function textAt(json: unknown, ...path: Path): string {
  const value = valueAt(json, ...path);
  return typeof value === "string" ? value : refuse(json, path, "text");
}

/** The number to which a path leads. Throws where there is none. */
export function numberAt(json: unknown, ...path: Path): number {
  const value = valueAt(json, ...path);
  return typeof value === "number" ? value : refuse(json, path, "number");
}

/** The object to which a path leads. Throws where there is none. */
export function objectAt(json: unknown, ...path: Path): JsonObject {
  const value = valueAt(json, ...path);
  return isJsonObject(value) ? value : refuse(json, path, "object");
}

/** The array of objects to which a path leads. Throws where there is none. */
export function objectsAt(json: unknown, ...path: Path): readonly JsonObject[] {
  const value = valueAt(json, ...path);
  return Array.isArray(value) && value.every(isJsonObject) ? value : refuse(json, path, "array of objects");
}

/** Members of an object that are texts, by their names. Throws where one is none. */
export function textsAt<Name extends string>(
  json: unknown,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  const texts = Object.fromEntries(names.map((name) => [name, textAt(json, name)]));
  return texts as Record<Name, string>;
}

function refuse(json: unknown, path: Path, kind: string): never {
  throw new Error(`There is no ${kind} at "${path.join(".")}" of ${JSON.stringify(json)}`);
}
