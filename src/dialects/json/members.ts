import type { JsonObject } from "../../model/json.ts";

/** A member that is a string with something in it. */
export function textMember(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A member that is a finite number. */
export function numberMember(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The object without those members. Names like `__proto__` stay what they are: own, inert members. */
export function withoutMembers(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)));
}

/** More tokens than any answer has; above it a number is a fault, and its cost no amount that a ledger could hold. */
const MOST_TOKENS = 1_000_000_000;

/** A count of tokens; undefined for what can't be one. A fraction is rounded up. */
export function tokenCount(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0 && value <= MOST_TOKENS)) return undefined;
  return Math.ceil(value);
}
