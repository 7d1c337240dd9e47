import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";

/**
 * OpenAI's official description of its API as a judge of what Gatehouse writes. It needs repairs before a validator
 * takes it: `nullable` is no word of OpenAPI 3.1, three members may be null though it does not say so, and a choice by
 * discriminator is written as "exactly one of", which overlapping kinds of message don't pass.
 */

const PATH = join(import.meta.dir, "../../../shared/specs/openai-openapi.json");

/** Why nothing can be judged; undefined where it can. */
export const descriptionMissing: string | undefined = existsSync(PATH) ? undefined : `${PATH} is missing`;

/** Members that may be null, by what real answers hold. */
const MAY_BE_NULL: ReadonlySet<string> = new Set(["user", "system_fingerprint", "usage"]);

let compiler: Ajv2020 | undefined;
const validators = new Map<string, ValidateFunction>();

/** What is wrong with a value by one schema of the description; empty where nothing is, or where there is none. */
export function faults(schema: string, value: unknown): readonly string[] {
  if (descriptionMissing !== undefined) return [];
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${schema}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The same for an event of a Responses stream, judged by the schema of its `type`. */
export function eventFaults(event: JsonObject): readonly string[] {
  if (descriptionMissing !== undefined) return [];
  const schema = eventSchemas().get(event["type"]);
  return schema === undefined ? [`no event ${String(event["type"])} is described`] : faults(schema, event);
}

function validatorOf(schema: string): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  compiler ??= makeCompiler();
  const validate = compiler.compile({ $ref: `openai#/components/schemas/${schema}` });
  validators.set(schema, validate);
  return validate;
}

function makeCompiler(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const { components } = description();
  ajv.addSchema({ $id: "openai", components: repaired(components) as JsonObject });
  return ajv;
}

let events: ReadonlyMap<unknown, string> | undefined;

function eventSchemas(): ReadonlyMap<unknown, string> {
  events ??= new Map(
    Object.entries(schemasOf(description())).flatMap(([name, schema]) => {
      const type = typeOf(schema);
      return name.endsWith("Event") && name.startsWith("Response") && type !== undefined
        ? [[type, name] as const]
        : [];
    }),
  );
  return events;
}

function typeOf(schema: unknown): unknown {
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  const type = isJsonObject(properties) ? properties["type"] : undefined;
  const named = isJsonObject(type) ? type["enum"] : undefined;
  return Array.isArray(named) ? named[0] : undefined;
}

let parsed: JsonObject | undefined;

function description(): JsonObject {
  parsed ??= JSON.parse(readFileSync(PATH, "utf8")) as JsonObject;
  return parsed;
}

function schemasOf({ components }: JsonObject): JsonObject {
  const schemas = isJsonObject(components) ? components["schemas"] : undefined;
  return isJsonObject(schemas) ? schemas : {};
}

function repaired(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(repaired);
  if (!isJsonObject(value)) return value;
  const { nullable, oneOf, properties, ...rest } = value;
  const schema: JsonObject = {
    ...Object.fromEntries(Object.entries(rest).map(([name, member]) => [name, repaired(member)])),
    ...(oneOf !== undefined && { anyOf: repaired(oneOf) }),
    ...(properties !== undefined && { properties: repairedProperties(properties) }),
  };
  return nullable === true ? orNull(schema) : schema;
}

function repairedProperties(properties: unknown): unknown {
  if (!isJsonObject(properties)) return repaired(properties);
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const whole = repaired(schema);
      return [name, MAY_BE_NULL.has(name) && isJsonObject(whole) ? orNull(whole) : whole];
    }),
  );
}

function orNull(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: "null" }] };
}

// Reading and compiling takes a second or more: now, so that it counts against no test's time limit.
faults("ResponseCreatedEvent", {});
