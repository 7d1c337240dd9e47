import type { ResponseFormat } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Tool } from "../../model/tool.ts";
import { answerTool } from "../translation/json-tool.ts";
import { Losses } from "../translation/losses.ts";
import { closeSchema } from "./closed-schema.ts";

/** The name that a schema gets where the client's dialect has none for it. */
const SCHEMA_NAME = "answer";

/** How the form of the answer is asked for. */
export type FormatPlan =
  | { readonly by: "nothing" }
  | { readonly by: "format"; readonly format: JsonObject }
  /** A tool whose arguments are the answer; it, or another of the tools, must be called. */
  | { readonly by: "tool"; readonly tool: Tool & { readonly kind: "function" } }
  | { readonly by: "instruction"; readonly text: string };

/** `output_config.format`, or the older `output_format`. Undefined for what has no canonical form. */
export function decodeResponseFormat(format: unknown): ResponseFormat | undefined {
  if (!isJsonObject(format) || format["type"] !== "json_schema") return undefined;
  const { schema } = format;
  if (!isJsonObject(schema)) return undefined;
  return { kind: "json-schema", name: SCHEMA_NAME, schema, ...(namesAll(schema) && { strict: true }) };
}

/** OpenAI enforces only schemas whose objects are closed and have no member that may be absent. */
function namesAll(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(namesAll);
  if (!isJsonObject(schema)) return true;
  const { properties, required } = schema;
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  const isWhole = Array.isArray(required)
    ? names.every((name) => required.includes(name))
    : names.length === 0;
  const isClosed = !isJsonObject(properties) || schema["additionalProperties"] === false;
  return isWhole && isClosed && Object.values(schema).every(namesAll);
}

/** What the choice of the way depends on. */
export interface FormatCircumstances {
  readonly tools: readonly Tool[];
  /** Whether the client demands a call of its own tools, which is no text of any form. */
  readonly mustCall: boolean;
  readonly quirks: Quirks;
  readonly losses: Losses;
}

/**
 * A schema is asked for natively where the family has it (https://platform.claude.com/docs/en/build-with-claude/
 * structured-outputs) and can enforce it, else by a tool that must be called, else by words.
 */
export function planFormat(
  format: ResponseFormat | undefined,
  { tools, mustCall, quirks, losses }: FormatCircumstances,
): FormatPlan {
  if (format === undefined || format.kind === "text") return { by: "nothing" };
  if (format.kind === "json-schema" && quirks.jsonSchema === "native") {
    const told = new Losses();
    const schema = closeSchema(format.schema, told, "json-schema");
    if (schema !== undefined) {
      for (const { feature, done } of told.list()) losses.add(feature, done);
      return { by: "format", format: { type: "json_schema", schema } };
    }
  }
  if (mustCall) {
    losses.add(format.kind, "left out: a tool must be called");
    return { by: "nothing" };
  }
  if (canForce(quirks) && (format.kind === "json-schema" || tools.length === 0))
    return { by: "tool", tool: answerTool(format, tools) };
  losses.add(format.kind, "asked for in words: the model is not held to it");
  return { by: "instruction", text: instructionFor(format) };
}

/** Newer models refuse to be made to call a tool. */
function canForce({ toolChoices, jsonSchema }: Quirks): boolean {
  return jsonSchema !== "prompt" && (toolChoices === undefined || toolChoices.includes("required"));
}

function instructionFor(format: ResponseFormat): string {
  const plain = "Answer with one JSON object and nothing else: no words around it, no code fence.";
  return format.kind === "json-schema"
    ? `${plain} It must be valid under this JSON Schema: ${JSON.stringify(format.schema)}`
    : plain;
}
