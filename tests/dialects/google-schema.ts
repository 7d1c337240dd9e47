import { expect } from "bun:test";
import { Ajv } from "ajv";
import schema from "../schemas/google/google.schema.json" with { type: "json" };

/**
 * The types of Google's own SDK as judges of what Gatehouse writes (tests/schemas/make.sh makes the schema).
 * They know every member, so one that is misspelled or misplaced is found.
 */

const ajv = new Ajv({ strict: false, allErrors: true }).addSchema(schema, "google");

/** Fails where the value is no answer of generateContent. */
export function expectAnswer(value: unknown): void {
  expect(faults("Answer", value)).toEqual([]);
}

/** Fails where the value is no request to generateContent. */
export function expectRequest(value: unknown): void {
  expect(faults("Request", value)).toEqual([]);
}

function faults(name: string, value: unknown): readonly string[] {
  const validate = ajv.getSchema(`google#/definitions/${name}`);
  if (validate === undefined) throw new Error(`the schema has no ${name}`);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
