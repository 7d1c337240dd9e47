import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

/** A tool's name inside its namespace. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

const SEPARATOR = "__";
const NONE: ReadonlyMap<string, NamespacedName> = new Map();

/**
 * The one name of a tool inside a namespace, for dialects that know no namespaces
 * (https://platform.openai.com/docs/guides/tools, "namespace"): both joined, as coding agents name the tools of an MCP
 * server where they have to.
 */
export function flatName(namespace: string | undefined, name: string): string {
  if (namespace === undefined) return name;
  return namespace.endsWith(SEPARATOR) ? `${namespace}${name}` : `${namespace}${SEPARATOR}${name}`;
}

/** Of each tool inside a namespace its flat name, and what it is called there. */
export function namespacedNames(tools: unknown): ReadonlyMap<string, NamespacedName> {
  const namespaces = Array.isArray(tools) ? tools.filter(isNamespace) : [];
  if (namespaces.length === 0) return NONE;
  return new Map(
    namespaces.flatMap((tool) => {
      const namespace = textMember(tool, "name") ?? "";
      return toolsIn(tool).flatMap((inner): [string, NamespacedName][] => {
        const name = textMember(inner, "name");
        return name === undefined ? [] : [[flatName(namespace, name), { namespace, name }]];
      });
    }),
  );
}

/** True for a tool that only groups others. */
export function isNamespace(tool: unknown): tool is JsonObject {
  return isJsonObject(tool) && tool["type"] === "namespace" && Array.isArray(tool["tools"]);
}

/** The tools that a namespace groups. */
export function toolsIn(namespace: JsonObject): readonly JsonObject[] {
  const { tools } = namespace;
  return Array.isArray(tools) ? tools.filter(isJsonObject) : [];
}
