import { z } from "zod";
import { didYouMean } from "./closest-name.ts";
import { type MaybeSchema, schemaAt, schemaOfMember, traitsOf, unwrapSchema } from "./field.ts";
import type { Finding, Path } from "./problem.ts";
import { limitsSentence, type Notation, numberRange, typeMend, typeWords } from "./type-words.ts";
import { valueAt } from "./value-at.ts";

type Issue = z.core.$ZodIssue;

/** What was judged, and how it is written. */
interface Judged {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly notation: Notation;
}

/** What the schema found wrong with a value, in our words. */
export function schemaFindings(
  issues: readonly Issue[],
  schema: z.ZodType,
  value: unknown,
  notation: Notation = "yaml",
): Finding[] {
  return issues.flatMap((issue) => findings(issue, { schema, value, notation }));
}

function findings(issue: Issue, judged: Judged): Finding[] {
  const { schema, value, notation } = judged;
  const path = plainPath(issue.path);
  const field = schemaAt(schema, path);
  const known = traitsOf(field).mend;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownName([...path, key], key, field, notation));
    case "invalid_key":
      return [{ path, at: "name", message: firstMessage(issue.issues), mend: nameMend(schema, path) }];
    case "invalid_type":
      return [typeFinding(path, issue.expected, { ...judged, value: valueAt(value, path) })];
    case "too_small":
    case "too_big":
      return [sizeFinding(path, issue, field, known)];
    case "invalid_value":
      return [choiceFinding(path, issue.values, valueAt(value, path))];
    case "invalid_union":
      return unionFindings(path, issue.errors, judged);
    default:
      return [{ path, message: issue.message, mend: known ?? "Correct it." }];
  }
}

/** Zod's paths may hold symbols; configuration never does. */
function plainPath(path: readonly PropertyKey[]): Path {
  return path.filter((step) => typeof step !== "symbol");
}

function firstMessage(issues: readonly Issue[]): string {
  return issues[0]?.message ?? "is not a valid name";
}

function nameMend(schema: z.ZodType, path: Path): string {
  const record = unwrapSchema(schemaAt(schema, path.slice(0, -1)));
  const mend = record instanceof z.ZodRecord ? traitsOf(record.keyType).mend : undefined;
  return mend ?? "Use another name.";
}

const NOUNS: { readonly [N in Notation]: { readonly one: string; readonly many: string } } = {
  yaml: { one: "a setting", many: "Settings" },
  json: { one: "a field", many: "Fields" },
};

function unknownName(path: Path, name: string, parent: MaybeSchema, notation: Notation): Finding {
  const object = unwrapSchema(parent);
  const known = objectNames(object);
  const { one, many } = NOUNS[notation];
  const merge = name === "<<" && notation === "yaml" ? "YAML 1.2 has no merge keys. " : "";
  const mend = `${merge}${didYouMean(name, known)}${many} here: ${known.join(", ") || "none"}.`;
  return { path, at: "name", message: `is not ${one} here`, mend };
}

function objectNames(schema: MaybeSchema): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => objectNames(unwrapSchema(option)));
  return [];
}

function typeFinding(path: Path, expected: string, { schema, value, notation }: Judged): Finding {
  const field = schemaAt(schema, path);
  const inner = unwrapSchema(field);
  const range = inner instanceof z.ZodNumber ? numberRange(inner) : undefined;
  const mend =
    traitsOf(field).mend ?? (range === undefined ? typeMend(expected, value, notation) : `Write ${range}.`);
  if (value === undefined) return { path, message: "is missing", mend: `Add it. ${mend}` };
  return { path, message: `must be ${range ?? typeWords(expected)}`, mend };
}

function sizeFinding(
  path: Path,
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  field: MaybeSchema,
  known: string | undefined,
): Finding {
  const { message, mend } = limitsSentence(issue, unwrapSchema(field));
  return { path, message, mend: known ?? mend };
}

function choiceFinding(path: Path, values: readonly unknown[], value: unknown): Finding {
  const names = values.map(String);
  const guess = typeof value === "string" ? didYouMean(value, names) : "";
  const words = names.length === 1 ? names.join() : `one of ${names.join(", ")}`;
  const write = names.length === 1 ? words : "one of them";
  return { path, message: `must be ${words}`, mend: `${guess}Write ${write}.` };
}

/** Of the shapes that a value may have, the one it comes nearest to tells what is wrong. */
function unionFindings(path: Path, options: readonly Issue[][], judged: Judged): Finding[] {
  if (options.length === 0) return [kindFinding(path, judged)];
  const near = options.find(
    (issues) => !issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0),
  );
  if (near !== undefined) {
    return near.flatMap((issue) => findings({ ...issue, path: [...path, ...issue.path] }, judged));
  }
  const shapes = options.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === "invalid_type" ? [issue.expected] : [])),
  );
  const words = shapes.map(typeWords).join(" or ");
  return [
    {
      path,
      message: `must be ${words}`,
      mend: traitsOf(schemaAt(judged.schema, path)).mend ?? `Write ${words}.`,
    },
  ];
}

/** The member that tells the shapes apart has none of the values that it may have. */
function kindFinding(path: Path, { schema, value }: Judged): Finding {
  const union = unwrapSchema(schemaAt(schema, path.slice(0, -1)));
  const name = path.at(-1) ?? "";
  const kinds =
    union instanceof z.ZodUnion ? union.options.map((option) => schemaOfMember(option, name)) : [];
  const values = kinds.flatMap((kind) => (kind instanceof z.ZodLiteral ? [...kind.values] : []));
  return choiceFinding(path, values, valueAt(value, path));
}
