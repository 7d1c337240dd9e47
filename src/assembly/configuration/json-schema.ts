import { z } from "zod";
import type { ConfigurationSchema } from "./schema.ts";

/** The configuration's schema for editors, as JSON Schema (draft 7, which YAML editors know best). */
export function jsonSchema(schema: ConfigurationSchema): object {
  return z.toJSONSchema(schema, {
    reused: "ref",
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema: node }) => allowReference(node),
  });
}

/** Where a number, a switch or one of some words belongs, a `${NAME}` reference may stand as well. */
function allowReference(node: z.core.JSONSchema.BaseSchema): void {
  const { type } = node;
  const refusesText = type === "integer" || type === "number" || type === "boolean";
  if (!refusesText && node.enum === undefined) return;
  const { description, default: usual, ...rest } = node;
  for (const name of Object.keys(node)) delete node[name];
  if (usual !== undefined) node.default = usual;
  node.anyOf = [rest, { type: "string", pattern: "^\\$\\{" }];
  if (description !== undefined) node.description = description;
}
