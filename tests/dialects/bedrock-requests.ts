import { encodeRequest } from "../../src/dialects/bedrock-converse/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { EncodedRequest } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { FamilyQuirks, Quirks } from "../../src/model/quirks.ts";
import { bedrock } from "../../src/providers/bedrock/bedrock.ts";
import { targetOf } from "../../src/routing/target.ts";
import { chatRequest } from "./chat.ts";

/** Models of the families that Bedrock has, by the ids under which it has them. */
export const SONNET_45 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
export const OPUS_46 = "global.anthropic.claude-opus-4-6-v1";
export const SONNET_55 = "global.anthropic.claude-sonnet-5-5";
export const NOVA = "amazon.nova-pro-v1:0";
export const NOVA_2 = "us.amazon.nova-2-lite-v1:0";
export const LLAMA = "us.meta.llama4-scout-17b-instruct-v1:0";

/** What holds for a model by the provider's own families. */
function quirksFor(model: string): Quirks {
  const families: readonly FamilyQuirks[] = bedrock.quirks ?? [];
  const upstream = { ...EMPTY_UPSTREAM, quirks: families };
  return targetOf(upstream, model).quirks;
}

const EMPTY_UPSTREAM = {
  provider: "bedrock",
  endpoints: [],
  origin: "https://bedrock.test",
  headers: {},
  timeouts: { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1, totalMs: 1 },
  errorClasses: {},
} as const;

/** A request of a chat client, as it goes to Bedrock for a model. */
export function encoded(model: string, rest: JsonObject, change: Partial<Conversation> = {}): EncodedRequest {
  const request = chatRequest({ model, messages: [{ role: "user", content: "hi" }], ...rest });
  const conversation = { ...request.content(), ...change };
  return encodeRequest({ ...request, content: () => conversation }, { model, quirks: quirksFor(model) });
}

/** The body alone. */
export const bodyOf = (...parameters: Parameters<typeof encoded>): JsonObject =>
  JSON.parse(encoded(...parameters).body);

/** The features that were lost. */
export const lost = (...parameters: Parameters<typeof encoded>): readonly string[] =>
  encoded(...parameters).losses.map(({ feature, field }) => field ?? feature);

/** A function that the client has. */
export const tool = (name: string): JsonObject => ({
  type: "function",
  function: { name, description: "d", parameters: { type: "object", properties: { a: { type: "string" } } } },
});
