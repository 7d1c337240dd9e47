import type { Conversation } from "../../model/conversation.ts";
import type { RequestSource } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest, OriginalRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { type JsonBody, parseJsonBody } from "../json/json-body.ts";
import { textMember } from "../json/members.ts";
import { holdsCarriedSignature } from "../translation/carried-signature.ts";
import { decodeConversation } from "./decode-conversation.ts";

/**
 * Reads a request for a response (https://platform.openai.com/docs/api-reference/responses/create). Only what routing,
 * policy and the ledger go by is checked here; the rest is the provider's to judge, so that a member which this
 * gateway has never heard of passes.
 */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"chat"> {
  const parsed = parseJsonBody(bytes);
  const body = parsed.value;
  refuseBackground(body);
  const maxOutputTokens = outputBound(body);
  return {
    operation: "chat",
    ...factsOf(parsed, bytes, maxOutputTokens),
    stream: streamWanted(body),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** Reads the question how many tokens a request would take (.../docs/api-reference/responses/input-tokens). */
export function decodeCountRequest({
  bytes,
}: Pick<RequestSource, "bytes">): InferenceRequest<"count-tokens"> {
  return { operation: "count-tokens", ...factsOf(parseJsonBody(bytes), bytes, undefined), stream: false };
}

type Facts = Omit<InferenceRequest<"chat">, "operation" | "stream" | "maxOutputTokens">;

function factsOf(parsed: JsonBody, bytes: Uint8Array, maxOutputTokens: number | undefined): Facts {
  const body = parsed.value;
  const model = textMember(body, "model");
  const modelSpan = parsed.spanOf("model");
  if (model === undefined || modelSpan === undefined) throw invalidField("model", "the name of a model");
  const { input = null } = body;
  if (input !== null && typeof input !== "string" && !Array.isArray(input))
    throw invalidField("input", "a string or a list of items");
  const endUser = textMember(body, "safety_identifier") ?? textMember(body, "user");
  const original: OriginalRequest = {
    bytes,
    modelSpan,
    body,
    spanOf: parsed.spanOf,
    ...(holdsCarriedSignature(bytes) && { isForeign: true }),
  };
  const previousResponse = textMember(body, "previous_response_id");
  let conversation: Conversation | undefined;
  return {
    dialect: "openai-responses",
    model,
    ...(endUser !== undefined && { endUser }),
    ...(previousResponse !== undefined && { previousResponse }),
    original,
    bodyBytes: bytes.length,
    content: () => (conversation ??= decodeConversation(body, maxOutputTokens)),
  };
}

/** Its answer comes without what it cost, and goes on generating when nobody listens: it can't be metered. */
function refuseBackground(body: JsonObject): void {
  if (body["background"] !== true) return;
  throw new GatewayError("invalid_request", {
    message: "`background` is not served: what such a response costs is known only after it was answered.",
    mend: "Leave `background` out and wait for the answer, or stream it.",
    field: "background",
  });
}

function streamWanted(body: JsonObject): boolean {
  const stream = body["stream"] ?? false;
  if (typeof stream !== "boolean") throw invalidField("stream", "true or false");
  return stream;
}

function outputBound(body: JsonObject): number | undefined {
  const bound = body["max_output_tokens"] ?? undefined;
  if (bound === undefined) return undefined;
  if (typeof bound === "number" && Number.isSafeInteger(bound) && bound > 0) return bound;
  throw invalidField("max_output_tokens", "a whole number, 1 or more");
}
