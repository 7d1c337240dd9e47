import { z } from "zod";
import { type Finding, formatPath, pathKey } from "../config/problem.ts";
import { schemaFindings } from "../config/schema-findings.ts";
import { GatewayError } from "../model/gateway-error.ts";

const MOST_TOLD = 5;

/**
 * Judges what was sent by a schema; unknown fields are refused. Throws `invalid_request`, which names each field at
 * fault and how to mend it.
 */
export function judge<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw refusal(schemaFindings(result.error.issues, schema, input, "json"));
}

/** A refusal of fields. */
export function refusal(findings: readonly Finding[]): GatewayError {
  const told = causes(findings).slice(0, MOST_TOLD);
  const [first] = told;
  if (first === undefined) return new GatewayError("invalid_request");
  return new GatewayError("invalid_request", {
    message: told.map(({ path, message }) => `${formatPath(path) || "The body"} ${message}.`).join(" "),
    mend: [...new Set(told.map(({ mend }) => mend))].join(" "),
    field: formatPath(first.path),
  });
}

/** Of several findings about one field, the first is the cause of the others. */
function causes(findings: readonly Finding[]): Finding[] {
  const byField = new Map<string, Finding>();
  for (const finding of findings) {
    const field = pathKey(finding.path);
    if (!byField.has(field)) byField.set(field, finding);
  }
  return [...byField.values()];
}

/** A refusal of one field. */
export function refusedField(path: Finding["path"], message: string, mend: string): GatewayError {
  return refusal([{ path, message, mend }]);
}

/** Parses a body. Throws `invalid_json`. */
export function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body), refusePrototype);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("invalid_json", { cause });
  }
}

/** Zod leaves such a member out without a word; nobody means one. */
function refusePrototype(name: string, value: unknown): unknown {
  if (name === "__proto__") throw refusedField(["__proto__"], "is not a field here", "Leave it out.");
  return value;
}

/** A query's members as their schema wants them: numbers, switches, lists with commas between. */
export function queryValues(schema: z.ZodType, query: URLSearchParams): Record<string, unknown> {
  const shape = schema instanceof z.ZodObject ? schema.shape : {};
  const values: [string, unknown][] = [];
  for (const [name, text] of query) {
    if (values.some(([known]) => known === name))
      throw refusedField([name], "is given twice", "Give it once; a list has commas between its entries.");
    values.push([name, queryValue(Object.hasOwn(shape, name) ? shape[name] : undefined, text)]);
  }
  return Object.fromEntries(values);
}

function queryValue(schema: unknown, text: string): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return queryValue(schema.unwrap(), text);
  if (schema instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (schema instanceof z.ZodBoolean) return text === "true" ? true : text === "false" ? false : text;
  if (schema instanceof z.ZodArray) return text.split(",");
  return text;
}
