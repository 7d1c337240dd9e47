import { Ajv } from "ajv";
import type { DialectId } from "../../src/model/dialect-id.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import { descriptionMissing, eventFaults, faults } from "../dialects/openai-description.ts";
import anthropicSchema from "../schemas/anthropic/anthropic.schema.json" with { type: "json" };
import googleSchema from "../schemas/google/google.schema.json" with { type: "json" };

/**
 * Who says what an answer must look like: OpenAI's official description, and schemas made of the types of Anthropic's and
 * Google's SDKs (tests/schemas/make.sh; made beforehand, because the generator needs an older TypeScript than the
 * project's). Types know every member, so one that is misspelled or misplaced is found too.
 */

/** What is wrong with a whole answer, and with the payload of a stream's event; empty where nothing is. */
export interface Judge {
  whole(answer: unknown): readonly string[];
  event(payload: JsonObject): readonly string[];
}

/** Why a dialect can't be judged here. */
export const unjudged: { readonly [Id in DialectId]?: string } = {
  generate: "it is Gatehouse's own, and described by its tests",
  ...(descriptionMissing !== undefined && {
    "openai-chat": descriptionMissing,
    "openai-responses": descriptionMissing,
    "openai-completions": descriptionMissing,
  }),
};

const anthropic = compiled(anthropicSchema, "anthropic");
const google = compiled(googleSchema, "google");

export const JUDGES: { readonly [Id in DialectId]?: Judge } = {
  "openai-chat": {
    whole: (answer) => faults("CreateChatCompletionResponse", answer),
    // It knows no custom tools in chunks, which OpenAI's own streams have.
    event: (chunk) =>
      faults("CreateChatCompletionStreamResponse", chunk).filter((fault) => !isOfCustomTool(fault)),
  },
  "openai-responses": {
    whole: (answer) => faults("Response", answer).filter((fault) => !isOfVendorItem(answer, fault)),
    event: (event) => (mentionsVendorItem(event) ? [] : eventFaults(event)),
  },
  "openai-completions": {
    whole: (answer) => faults("CreateCompletionResponse", answer),
    // A chunk's reason is null until the last; the description has one schema for both.
    event: (chunk) =>
      faults("CreateCompletionResponse", chunk).filter((fault) => !fault.includes("/finish_reason")),
  },
  "anthropic-messages": {
    whole: (answer) => (hasVendorBlock(answer) ? [] : anthropic("Answer", answer)),
    event: (event) => (hasVendorBlock(event) ? [] : anthropic("AnswerEvent", event)),
  },
  gemini: {
    whole: (answer) => google("Answer", answer),
    event: (chunk) => google("Answer", chunk),
  },
};

function compiled(schema: object, name: string): (definition: string, value: unknown) => readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: false }).addSchema(schema, name);
  return (definition, value) => {
    const validate = ajv.getSchema(`${name}#/definitions/${definition}`);
    if (validate === undefined) throw new Error(`the schema of ${name} has no ${definition}`);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${definition}${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function isOfCustomTool(fault: string): boolean {
  return fault.includes("/tool_calls/") && fault.includes("/type must be equal");
}

/** Items that Gatehouse writes by itself; a vendor's own go out as they came, trimmed recordings of them too. */
const WRITTEN_ITEMS: ReadonlySet<unknown> = new Set([
  "message",
  "reasoning",
  "function_call",
  "custom_tool_call",
  "image_generation_call",
]);

function mentionsVendorItem({ item, response }: JsonObject): boolean {
  if (isJsonObject(item)) return !WRITTEN_ITEMS.has(item["type"]);
  return isJsonObject(response) && outputOf(response).some(({ type }) => !WRITTEN_ITEMS.has(type));
}

function isOfVendorItem(answer: unknown, fault: string): boolean {
  const isOfOutput = fault.startsWith("Response/output") || fault.startsWith("Response must match");
  return isOfOutput && isJsonObject(answer) && outputOf(answer).some(({ type }) => !WRITTEN_ITEMS.has(type));
}

function outputOf({ output }: JsonObject): readonly JsonObject[] {
  return Array.isArray(output) ? output.filter(isJsonObject) : [];
}

const WRITTEN_BLOCKS: ReadonlySet<unknown> = new Set(["text", "thinking", "redacted_thinking", "tool_use"]);

/** Blocks of Anthropic's own tools are passed on as they came. */
function hasVendorBlock(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { content, content_block: block } = value;
  const blocks = Array.isArray(content) ? content : block === undefined ? [] : [block];
  return blocks.some((one) => isJsonObject(one) && !WRITTEN_BLOCKS.has(one["type"]));
}
