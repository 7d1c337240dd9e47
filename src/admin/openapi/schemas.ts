import { z } from "zod";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

const DEFINITION = "#/$defs/";
const COMPONENT = "#/components/schemas/";

/** Turns zod schemas into JSON Schema, and gathers those that have a name, once each. */
export class SchemaCollection {
  readonly #components = new Map<string, unknown>();

  /** What may be sent: what has a default may be left out. */
  input(schema: z.ZodType): JsonObject {
    return this.#add(schema, "input");
  }

  /** What is answered. */
  output(schema: z.ZodType): JsonObject {
    return this.#add(schema, "output");
  }

  /** Every schema with a name, for `components.schemas`. */
  components(): JsonObject {
    return Object.fromEntries([...this.#components].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #add(schema: z.ZodType, io: "input" | "output"): JsonObject {
    const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io, override: polish });
    for (const [name, definition] of Object.entries($defs ?? {})) this.#define(name, pointed(definition));
    const root = pointed(own);
    return isJsonObject(root) ? root : {};
  }

  #define(name: string, definition: unknown): void {
    const known = this.#components.get(name);
    if (known !== undefined && !Bun.deepEquals(known, definition))
      throw new Error(`two schemas are called ${name}`);
    this.#components.set(name, definition);
  }
}

/** The long pattern of a date says no more than its format; our own words stand under a name of their own. */
function polish({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === "date-time" || jsonSchema.format === "date") delete jsonSchema.pattern;
  const { mend } = jsonSchema;
  if (mend === undefined) return;
  delete jsonSchema["mend"];
  jsonSchema["x-mend"] = mend;
}

/** The schema with its references to where the document has the definitions. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === "$ref" && typeof member === "string"
        ? [name, member.replace(DEFINITION, COMPONENT)]
        : [name, pointed(member)],
    ),
  );
}
