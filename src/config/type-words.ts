import { z } from "zod";
import type { MaybeSchema } from "./field.ts";

/** How the value is written: in a configuration file or in a body of the administration API. */
export type Notation = "yaml" | "json";

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** What kind of value was expected, for people. */
export function typeWords(expected: string): string {
  return WORDS[expected] ?? expected;
}

/** How to write a value of the kind that was expected. */
export function typeMend(expected: string, value: unknown, notation: Notation): string {
  switch (expected) {
    case "string":
      return typeof value === "number" || typeof value === "boolean" ? "Put it in quotes." : "Write text.";
    case "array":
      return notation === "json"
        ? 'Write a list: `["a", "b"]`.'
        : "Write a list: `[a, b]`, or one `- entry` on each line.";
    case "object":
    case "record":
      return notation === "json"
        ? 'Write an object: `{"name": value}`.'
        : "Write `name: value` lines, indented below it.";
    default:
      return `Write ${typeWords(expected)}.`;
  }
}

/** What a size must be, with all bounds of the field and not only the one that was broken. */
export function limitsSentence(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  field: MaybeSchema,
): { message: string; mend: string } {
  if (field instanceof z.ZodNumber) {
    const range = numberRange(field);
    return { message: `must be ${range}`, mend: `Write ${range}.` };
  }
  if (issue.code === "too_big") {
    const unit = issue.origin === "string" ? "characters" : "entries";
    return { message: `must have at most ${issue.maximum} ${unit}`, mend: "Make it shorter." };
  }
  const mend = issue.origin === "string" ? "Write a value, or remove it." : "Add an entry, or remove it.";
  return { message: "must not be empty", mend };
}

/** The numbers that a field takes, for people. */
export function numberRange(field: z.ZodNumber): string {
  const kind = field.isInt ? "a whole number" : "a number";
  const { minValue, maxValue } = field;
  const least = minValue === null || minValue === Number.NEGATIVE_INFINITY ? undefined : minValue;
  const most = maxValue === null || maxValue === Number.POSITIVE_INFINITY ? undefined : maxValue;
  if (least === undefined) return most === undefined ? kind : `${kind}, at most ${most}`;
  return most === undefined ? `${kind}, at least ${least}` : `${kind} from ${least} to ${most}`;
}
