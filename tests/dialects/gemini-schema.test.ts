import { describe, expect, test } from "bun:test";
import { Ajv } from "ajv";
import fc from "fast-check";
import { schemaForGoogle } from "../../src/dialects/gemini/json-schema.ts";
import { schemaFromGoogle } from "../../src/dialects/gemini/schema.ts";
import type { JsonObject } from "../../src/model/json.ts";

describe("Google's schema as JSON Schema", () => {
  test("types, nullable, counts, orders, examples", () => {
    expect(
      schemaFromGoogle({
        type: "OBJECT",
        title: "Gate",
        properties: {
          name: { type: "STRING", minLength: "1", maxLength: "20", pattern: "^[a-z]+$", nullable: true },
          side: { type: "STRING", format: "enum", enum: ["north", "south"], nullable: true },
          bars: { type: "ARRAY", items: { type: "NUMBER", minimum: 0 }, minItems: "1", example: [1] },
          either: { anyOf: [{ type: "INTEGER" }, { type: "BOOLEAN" }], nullable: true },
        },
        propertyOrdering: ["bars", "name"],
        required: ["name"],
      }),
    ).toEqual({
      title: "Gate",
      required: ["name"],
      type: "object",
      properties: {
        bars: { type: "array", items: { minimum: 0, type: "number" }, minItems: 1, examples: [[1]] },
        name: { pattern: "^[a-z]+$", type: ["string", "null"], minLength: 1, maxLength: 20 },
        side: { type: ["string", "null"], enum: ["north", "south", null] },
        either: { anyOf: [{ type: "integer" }, { type: "boolean" }, { type: "null" }] },
      },
    });
  });

  test("in the order that it asks for", () => {
    const { properties } = schemaFromGoogle({
      type: "OBJECT",
      properties: { a: { type: "STRING" }, b: { type: "STRING" }, c: { type: "STRING" } },
      property_ordering: ["c", "a"],
    });
    expect(Object.keys(properties as JsonObject)).toEqual(["c", "a", "b"]);
  });

  test("what is JSON Schema already stays", () => {
    const schema = {
      type: "object",
      properties: { a: { type: ["string", "null"], const: "x" }, b: { $ref: "#/$defs/b" } },
      $defs: { b: { type: "integer" } },
      additionalProperties: false,
    };
    expect(schemaFromGoogle(schema)).toEqual(schema);
  });
});

describe("JSON Schema for Google", () => {
  test("what would change the meaning or be refused is said in another way", () => {
    expect(
      schemaForGoogle({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: {
          kind: { const: "gate" },
          keeper: { allOf: [{ $ref: "#/definitions/person" }], description: "who keeps it" },
          guard: { $ref: "#/definitions/person", description: "who guards it" },
          note: { type: "string", nullable: true },
          list: { type: "array", prefixItems: [{ const: 1 }], items: { anyOf: [{ const: 2 }] } },
        },
        definitions: { person: { type: "object", properties: { $ref: { type: "string" } } } },
        additionalProperties: { const: 3 },
      }),
    ).toEqual({
      type: "object",
      properties: {
        kind: { enum: ["gate"] },
        keeper: { $ref: "#/$defs/person", description: "who keeps it" },
        guard: { $ref: "#/$defs/person" },
        note: { type: ["string", "null"] },
        list: { type: "array", prefixItems: [{ enum: [1] }], items: { anyOf: [{ enum: [2] }] } },
      },
      $defs: { person: { type: "object", properties: { $ref: { type: "string" } } } },
      additionalProperties: { enum: [3] },
    });
  });

  test("a reference at the root keeps its definitions", () => {
    const definitions = { a: { const: 1 } };
    expect(schemaForGoogle({ $ref: "#/definitions/a", definitions, title: "A" })).toEqual({
      $ref: "#/$defs/a",
      $defs: { a: { enum: [1] } },
    });
  });
});

const scalar = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const instance = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }))),
);
const instances = fc.array(instance, { minLength: 10, maxLength: 10 });

/** Compiling is dear, so each schema is tried with many instances. */
function validator(schema: JsonObject): (value: unknown) => boolean {
  const ajv = new Ajv({ strict: false, validateSchema: false, addUsedSchema: false });
  const validate = ajv.compile(schema);
  return (value) => validate(value) === true;
}

test("of any schema, an instance fits the converted one exactly where it fits the original", () => {
  const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<JsonObject[]>(
        { type: "string" },
        { type: ["integer", "null"] },
        { const: "x" },
        { type: "boolean" },
        { enum: ["a", "b", 1] },
      ),
      fc.record({ type: fc.constant("array"), items: tie("schema"), minItems: fc.nat(2) }),
      fc.record({
        type: fc.constant("object"),
        properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema")),
        additionalProperties: fc.boolean(),
      }),
      fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.tuple(tie("schema")) }),
      fc.record({ $ref: fc.constant("#/definitions/x") }),
    ),
  }));
  const definitions = { x: { type: "integer" } };
  fc.assert(
    fc.property(schema, instances, (inner, values) => {
      const original = { type: "array", items: inner, definitions };
      const fitsConverted = validator(schemaForGoogle(original));
      const fitsOriginal = validator(original);
      for (const value of values) expect(fitsConverted([value])).toBe(fitsOriginal([value]));
    }),
    { numRuns: 60 },
  );
});

test("of any of Google's schemas, an instance fits as it fits the schema in OpenAPI's words", () => {
  const types = ["STRING", "INTEGER", "NUMBER", "BOOLEAN"] as const;
  const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({ type: fc.constantFrom(...types), nullable: fc.boolean() }),
      fc.record({ type: fc.constant("ARRAY"), items: tie("schema"), maxItems: fc.constantFrom("1", "2") }),
      fc.record({
        type: fc.constant("OBJECT"),
        properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema")),
        required: fc.constantFrom([], ["a"]),
        nullable: fc.boolean(),
      }),
    ),
  }));
  fc.assert(
    fc.property(schema, instances, (google, values) => {
      const fitsConverted = validator(schemaFromGoogle(google));
      for (const value of values) expect(fitsConverted(value)).toBe(fits(google, value));
    }),
    { numRuns: 100 },
  );
});

/** OpenAPI's rules, as far as the schemas above go, said again in the simplest way. */
function fits(schema: JsonObject, value: unknown): boolean {
  if (value === null) return schema["nullable"] === true;
  switch (schema["type"]) {
    case "STRING":
      return typeof value === "string";
    case "INTEGER":
    case "NUMBER":
      return typeof value === "number";
    case "BOOLEAN":
      return typeof value === "boolean";
    case "ARRAY":
      return (
        Array.isArray(value) &&
        value.length <= Number(schema["maxItems"]) &&
        value.every((one) => fits(schema["items"] as JsonObject, one))
      );
    default: {
      if (typeof value !== "object" || Array.isArray(value)) return false;
      const members = value as JsonObject;
      const isComplete = (schema["required"] as string[]).every((name) => name in members);
      const entries = Object.entries(schema["properties"] as { [name: string]: JsonObject });
      return isComplete && entries.every(([name, one]) => !(name in members) || fits(one, members[name]));
    }
  }
}
