import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { isNameOf } from "./members.ts";

const encoder = new TextEncoder();

/** A model as a member of a body names it: by its path. */
export function modelPath(model: string): string {
  return `models/${model}`;
}

/**
 * A body in which the model is named beside the path, as it must be for another model: `model` itself, and that of the
 * objects (or lists of objects) that stand under `holders`. A name that the client left out stays out.
 */
export function withModel(body: JsonObject, holders: readonly string[], model: string): Uint8Array {
  const entries = Object.entries(body).map(([name, value]): [string, unknown] => {
    if (!holders.some((holder) => isNameOf(name, holder))) return [name, renamedMember(name, value, model)];
    return [name, Array.isArray(value) ? value.map((one) => renamed(one, model)) : renamed(value, model)];
  });
  return encoder.encode(JSON.stringify(Object.fromEntries(entries)));
}

function renamed(value: unknown, model: string): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, renamedMember(name, member, model)]),
  );
}

function renamedMember(name: string, value: unknown, model: string): unknown {
  return name === "model" && typeof value === "string" ? modelPath(model) : value;
}
