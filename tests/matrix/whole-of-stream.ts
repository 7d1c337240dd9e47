import { MessageStream } from "@anthropic-ai/sdk/lib/MessageStream";
import { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import type { DialectId } from "../../src/model/dialect-id.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import { ALL_SAYABLE, type Unsayable } from "./answer-meaning.ts";

/** How a vendor itself makes a whole answer of a stream. */
export interface WholeOfStream {
  whole(payloads: readonly string[]): Promise<unknown>;
  /** What it doesn't take though the provider sends it, if anything. */
  refused?(payloads: readonly string[]): string | undefined;
  /** What is lost on that way. */
  readonly unsayable: Unsayable;
}

/** Of each dialect whose vendor has such a thing: its own SDK's, or its stream's last event. */
export const WHOLES_OF_STREAMS: { readonly [Id in DialectId]?: WholeOfStream } = {
  "openai-chat": {
    whole: (payloads) => ChatCompletionStream.fromReadableStream(lines(payloads)).finalChatCompletion(),
    refused: (payloads) =>
      payloads.flatMap(callsIn).every((call) => "index" in call)
        ? undefined
        : "OpenAI's SDK wants an index of each call",
    // It puts together what OpenAI itself says.
    unsayable: {
      ...ALL_SAYABLE,
      features: [
        "reasoning",
        "reasoning-signature",
        "image",
        "url-citation",
        "created-at",
        "service-tier",
        "token-probabilities",
      ],
    },
  },
  "openai-responses": {
    whole: async (payloads) => {
      const last: unknown = JSON.parse(payloads.at(-1) ?? "null");
      return isJsonObject(last) ? last["response"] : undefined;
    },
    // OpenAI encrypts the same reasoning anew each time that it tells it.
    unsayable: { ...ALL_SAYABLE, features: ["reasoning-signature"] },
  },
  "anthropic-messages": {
    whole: (payloads) => MessageStream.fromReadableStream(lines(payloads)).finalMessage(),
    // The last report of the usage has no share of the longer lifetime.
    unsayable: { ...ALL_SAYABLE, usageWithin: { cacheWrite1hTokens: "cacheWrite5mTokens" } },
  },
};

/** The SDKs read events as lines of JSON. */
function lines(payloads: readonly string[]): ReadableStream {
  return new Blob([payloads.map((payload) => `${payload}\n`).join("")]).stream();
}

function callsIn(payload: string): readonly JsonObject[] {
  const chunk: unknown = JSON.parse(payload);
  const choices = isJsonObject(chunk) && Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
  return choices.flatMap((choice: unknown) => {
    const delta = isJsonObject(choice) ? choice["delta"] : undefined;
    const calls = isJsonObject(delta) ? delta["tool_calls"] : undefined;
    return Array.isArray(calls) ? calls.filter(isJsonObject) : [];
  });
}
