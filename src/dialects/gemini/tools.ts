import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { FunctionTool, Tool, ToolChoice } from "../../model/tool.ts";
import { invalidField } from "../json/invalid-field.ts";
import { schemaForGoogle } from "./json-schema.ts";
import { either, isNameOf, listOf, objectOf, textOf } from "./members.ts";
import { schemaFromGoogle } from "./schema.ts";

/**
 * `tools`: each holds functions, or one of Google's own tools under its name
 * (https://ai.google.dev/api/caching#Tool). Throws `invalid_request` naming the field.
 */
export function decodeTools(tools: readonly unknown[]): readonly Tool[] {
  return tools.flatMap((tool, index) => {
    if (!isJsonObject(tool)) throw invalidField(`tools[${index}]`, "an object");
    return Object.entries(tool).flatMap(([name, value]): readonly Tool[] => {
      if (value === null) return [];
      if (!isNameOf(name, "functionDeclarations"))
        return [{ kind: "vendor", dialect: "gemini", value: { [name]: value } }];
      return listOf(tool, "functionDeclarations").map((declaration, place) =>
        decodeFunction(declaration, `tools[${index}].functionDeclarations[${place}]`),
      );
    });
  });
}

/** All functions in one of Google's tools, each of its own tools beside it. */
export function encodeTools(tools: readonly Tool[]): readonly JsonObject[] {
  const functions = tools.filter((tool) => tool.kind === "function").map(encodeFunction);
  const own = tools.flatMap((tool) => (tool.kind === "vendor" ? [tool.value] : []));
  return functions.length === 0 ? own : [{ functionDeclarations: functions }, ...own];
}

/**
 * `functionCallingConfig` (https://ai.google.dev/api/caching#FunctionCallingConfig). `VALIDATED` lets the model choose,
 * and holds its calls to their schemas. Undefined where it says nothing.
 */
export function decodeToolChoice(config: JsonObject): ToolChoice | undefined {
  const names = listOf(config, "allowedFunctionNames").filter((name) => typeof name === "string");
  const [only] = names;
  switch (modeOf(config)) {
    case "AUTO":
      return { kind: "auto" };
    case "VALIDATED":
      return names.length === 0 ? { kind: "auto" } : { kind: "allowed", mode: "auto", names };
    case "NONE":
      return { kind: "none" };
    case "ANY":
      if (only === undefined) return { kind: "required" };
      return names.length === 1 ? { kind: "tool", name: only } : { kind: "allowed", mode: "required", names };
    default:
      return undefined;
  }
}

/** True where calls are held to their schemas though the model need not call. */
export function isValidated(config: JsonObject): boolean {
  return modeOf(config) === "VALIDATED";
}

/** The config for a choice; undefined where Google's own default says the same. */
export function encodeToolChoice(
  choice: ToolChoice | undefined,
  tools: readonly Tool[],
): JsonObject | undefined {
  const isStrict = tools.some((tool) => tool.kind === "function" && tool.strict === true);
  switch (choice?.kind) {
    case undefined:
      return isStrict ? { mode: "VALIDATED" } : undefined;
    case "auto":
      return { mode: isStrict ? "VALIDATED" : "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [choice.name] };
    case "allowed":
      // Names bind the model in these two modes alone.
      return { mode: choice.mode === "required" ? "ANY" : "VALIDATED", allowedFunctionNames: choice.names };
  }
}

function modeOf(config: JsonObject): string | undefined {
  return textOf(config, "mode")?.toUpperCase();
}

function decodeFunction(declaration: unknown, path: string): FunctionTool {
  const name = isJsonObject(declaration) ? textOf(declaration, "name") : undefined;
  if (!isJsonObject(declaration) || name === undefined) throw invalidField(path, "a function with its name");
  const description = either(declaration, "description");
  const parameters = parametersOf(declaration);
  return {
    kind: "function",
    name,
    ...(typeof description === "string" && { description }),
    ...(parameters && { parameters }),
  };
}

function parametersOf(declaration: JsonObject): JsonObject | undefined {
  const jsonSchema = objectOf(declaration, "parametersJsonSchema");
  if (jsonSchema !== undefined) return jsonSchema;
  const schema = objectOf(declaration, "parameters");
  return schema && schemaFromGoogle(schema);
}

function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters } = tool;
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parametersJsonSchema: schemaForGoogle(parameters) }),
  };
}
