import type { Untranslatable } from "../../model/conversation.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

const MEMBER = "thread";

/**
 * `thread`: the conversation is held by Anthropic under the answer's id, and later requests bring what is new alone
 * (@anthropic-ai/sdk, `BetaMessageThreadParam`). Anyone else would answer the new part without the rest.
 */
export function threadIn(body: JsonObject): Untranslatable | undefined {
  if (!isJsonObject(body[MEMBER])) return undefined;
  return {
    dialect: "anthropic-messages",
    field: MEMBER,
    message: "The provider of this model keeps no conversations.",
    mend: "Send the full conversation without `thread`.",
  };
}

/**
 * How Anthropic says that a request can't be part of a thread (`ThreadUnsupportedRequestErrorDetails`): its SDKs send it
 * again, with all that was said before.
 */
export function threadRefusal({ code, field }: GatewayError): JsonObject | undefined {
  if (code !== "cannot_translate" || field !== MEMBER) return undefined;
  return { error_code: "thread_unsupported_request", unsupported: [] };
}
