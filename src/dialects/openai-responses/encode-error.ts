import type { ErrorCode } from "../../model/error-table.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { JsonObject } from "../../model/json.ts";
import { envelope } from "../openai-chat/encode-error.ts";
import { encodeEvent } from "./event.ts";
import { responseObject } from "./response-object.ts";
import type { WireFailure } from "./wire.ts";

/**
 * The `error.code` of a response that failed. The first two are missing in OpenAI's description and come all the same;
 * coding agents go by them.
 */
const FAILURE_CODES: { readonly [C in ErrorCode]?: string } = {
  upstream_context_too_long: "context_length_exceeded",
  upstream_quota: "insufficient_quota",
  upstream_rate_limit: "rate_limit_exceeded",
  too_many_concurrent: "rate_limit_exceeded",
  upstream_content_filter: "invalid_prompt",
  upstream_refused: "invalid_prompt",
  invalid_request: "invalid_prompt",
};

/** What a response object says of its failure. */
export function failureOf(error: GatewayError): WireFailure {
  return { code: FAILURE_CODES[error.code] ?? "server_error", message: `${error.message} ${error.mend}` };
}

/**
 * The events that end a stream with an error, as OpenAI sends them: `error`, on which its SDKs throw, and
 * `response.failed`, by which other clients go. `response` is what the latter tells.
 */
export function errorEvents(
  error: GatewayError,
  requestId: string,
  sequence: number,
  response: JsonObject,
): string {
  const { message, type, param, code, ...rest } = envelope(error, requestId);
  const nested = { type, code, message, param, ...rest };
  return (
    encodeEvent("error", sequence, { code, message, param, error: nested }) +
    encodeEvent("response.failed", sequence + 1, { response })
  );
}

/** The same where nothing is known of the stream before it. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  const response = responseObject(UNKNOWN, {
    id: `resp_${requestId}`,
    model: "",
    createdAtS: Math.floor(Date.now() / 1000),
    serviceTier: undefined,
    status: "failed",
    output: [],
    error: failureOf(error),
  });
  return errorEvents(error, requestId, 0, response);
}

const UNKNOWN: JsonObject = Object.freeze({
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: null,
  tool_choice: "auto",
  tools: [],
  top_p: null,
});
