import fc from "fast-check";
import { isJsonObject } from "../../src/model/json.ts";

/** What stands in a value's place: all that JSON has, and what code stumbles over. */
const replacement: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    9e15,
    "",
    " ",
    "null",
    "__proto__",
    [],
    {},
    [[]],
    [null],
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    "text",
    "tool_use",
    "function_call",
    "message",
    "stop",
    "error",
    { type: "error" },
    { text: {} },
    { __proto__: null, toString: 1 },
  ),
);

/** One change: the place, by its number among all places, and what happens there. */
const change = fc.record({
  place: fc.nat(10_000),
  how: fc.constantFrom("replace", "replace", "replace", "remove", "rename", "repeat"),
  value: replacement,
});

/** How a value is changed in a few places. */
export const anyChanges = fc.array(change, { minLength: 1, maxLength: 4 });

export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** The value with the changes made, one after another. */
export function mutated(value: unknown, changes: readonly Change[]): unknown {
  return changes.reduce<unknown>((changed, one) => {
    const places = placesIn(changed);
    const path = places[one.place % places.length] ?? [];
    return changedAt(changed, path, one);
  }, value);
}

type Path = readonly (string | number)[];

function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value))
    return [path, ...value.flatMap((entry, index) => placesIn(entry, [...path, index]))];
  if (!isJsonObject(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

function changedAt(value: unknown, path: Path, change: Change): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change.how === "replace" ? change.value : value;
  if (Array.isArray(value)) {
    return value.flatMap((entry, index) => (index === step ? changedEntry(entry, rest, change) : [entry]));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (name !== step) return [[name, member]];
      if (rest.length > 0) return [[name, changedAt(member, rest, change)]];
      if (change.how === "remove") return [];
      if (change.how === "rename") return [[`${name}_`, member]];
      return [[name, change.how === "repeat" ? [member, member] : change.value]];
    }),
  );
}

function changedEntry(entry: unknown, rest: Path, change: Change): readonly unknown[] {
  if (rest.length > 0) return [changedAt(entry, rest, change)];
  if (change.how === "remove") return [];
  return change.how === "repeat" ? [entry, entry] : [change.value];
}
