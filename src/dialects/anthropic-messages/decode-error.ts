import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

/** The status that each type of error comes with (https://platform.claude.com/docs/en/api/errors). */
export const STATUS_OF_TYPE: { readonly [type: string]: number } = Object.freeze({
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
});

/** Codes (`error.details.error_code`, `error.type`) that mean something more precise than their status. */
const CLASS_OF_CODE: { readonly [code: string]: ErrorClass } = Object.freeze({
  enforced_spend_limit_reached: "quota",
  organization_on_hold: "auth",
  overloaded_error: "overloaded",
  billing_error: "quota",
});

/**
 * What a refusal in Anthropic's envelope means: `{"type": "error", "error": {"type", "message"}}`. Compatible servers
 * vary it: OpenAI's `{"error": {"message"}}`, `{"detail"}`, or `{"message"}`.
 */
export function decodeError(status: number, body: unknown): DecodedError {
  const error = errorObject(body);
  const message = messageOf(body, error);
  const codes = vendorCodes(error);
  return {
    errorClass: classOf(status, codes, message ?? ""),
    ...(codes.length > 0 && { codes }),
    ...(message !== undefined && { message }),
  };
}

/** Most precise first. */
function vendorCodes({ details, code, type }: JsonObject): readonly string[] {
  const precise = isJsonObject(details) ? details["error_code"] : undefined;
  return [precise, code, type].filter((one) => typeof one === "string");
}

function errorObject(body: unknown): JsonObject {
  if (!isJsonObject(body)) return {};
  return isJsonObject(body["error"]) ? body["error"] : body;
}

function messageOf(body: unknown, error: JsonObject): string | undefined {
  const outer = isJsonObject(body) ? textMember(body, "error") : undefined;
  return textMember(error, "message") ?? textMember(error, "detail") ?? outer;
}

function classOf(status: number, codes: readonly string[], message: string): ErrorClass {
  for (const code of codes) {
    const known = Object.hasOwn(CLASS_OF_CODE, code) ? CLASS_OF_CODE[code] : undefined;
    if (known !== undefined) return known;
  }
  return classOfMessage(status, message) ?? classOfStatus(status);
}

/** Anthropic tells these only in prose, under `invalid_request_error`. */
function classOfMessage(status: number, message: string): ErrorClass | undefined {
  if (status !== 400) return undefined;
  if (/prompt is too long|exceeds? (the )?context (limit|window)|maximum context length/i.test(message))
    return "context_too_long";
  if (/credit balance is too low|API usage limits|spend limit/i.test(message)) return "quota";
  return /content filtering policy/i.test(message) ? "content_filter" : undefined;
}

function classOfStatus(status: number): ErrorClass {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "quota";
  if (status === 429) return "rate_limit";
  if (status === 408 || status === 504) return "timeout";
  if (status === 503 || status === 529) return "overloaded";
  return status >= 500 ? "server" : "caller";
}
