import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { toldFailure } from "../failure/told-failure.ts";
import { textMember } from "../json/members.ts";
import { decodeError } from "../openai-chat/decode-error.ts";
import { statusWithin } from "../openai-chat/stream-failure.ts";

/**
 * What the code or type of a failure means where no status comes with it: the codes of a response's `error`
 * (https://platform.openai.com/docs/api-reference/responses/object) and of the envelope (/docs/guides/error-codes).
 */
const CLASSES: { readonly [code: string]: ErrorClass } = Object.freeze({
  rate_limit_exceeded: "rate_limit",
  rate_limit_error: "rate_limit",
  insufficient_quota: "quota",
  context_length_exceeded: "context_too_long",
  server_error: "server",
  server_is_overloaded: "overloaded",
  slow_down: "overloaded",
  invalid_prompt: "caller",
  invalid_request_error: "caller",
  authentication_error: "auth",
  invalid_api_key: "auth",
  content_filter: "content_filter",
  bio_policy: "content_filter",
  cyber_policy: "content_filter",
  misalignment_policy_violation: "content_filter",
  image_content_policy_violation: "content_filter",
  invalid_image: "caller",
  invalid_image_format: "caller",
  invalid_base64_image: "caller",
  invalid_image_url: "caller",
  image_too_large: "caller",
  image_too_small: "caller",
  image_parse_error: "caller",
  invalid_image_mode: "caller",
  image_file_too_large: "caller",
  unsupported_image_media_type: "caller",
  empty_image_file: "caller",
  failed_to_download_image: "caller",
  image_file_not_found: "caller",
});

/** True for a payload that is an error and no answer: an `error` event, or an envelope where none is expected. */
export function isFailure(payload: JsonObject): boolean {
  return payload["type"] === "error" || (isJsonObject(payload["error"]) && payload["object"] !== "response");
}

/**
 * What a failure means that an `error` event, a `response.failed` event or a failed response tells. The error stands in
 * `response.error`, in `error`, or (as documented for the event) at the top.
 */
export function decodeFailure(payload: JsonObject): DecodedError {
  const { response } = payload;
  const told = isJsonObject(response) ? response["error"] : payload["error"];
  const error: JsonObject = isJsonObject(told) ? told : payload;
  const decoded = decodeError(statusWithin({ error }), { error });
  for (const code of [textMember(error, "code"), textMember(error, "type")]) {
    if (code !== undefined && Object.hasOwn(CLASSES, code))
      return { ...decoded, errorClass: CLASSES[code] ?? decoded.errorClass };
  }
  return decoded;
}

/** The same as an error of ours. */
export function failureFromWire(payload: JsonObject): GatewayError {
  return toldFailure(decodeFailure(payload));
}
