import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { listOf, textOf } from "./members.ts";

const RETRY_INFO = "google.rpc.RetryInfo";
const QUOTA_FAILURE = "google.rpc.QuotaFailure";
const ERROR_INFO = "google.rpc.ErrorInfo";

/**
 * What a refusal in Google's envelope means: `{"error": {"code", "message", "status", "details"}}`, a google.rpc.Status
 * (https://ai.google.dev/gemini-api/docs/troubleshooting, https://cloud.google.com/apis/design/errors). A stream that
 * was asked for as a JSON array has the envelope in a list.
 */
export function decodeError(status: number, body: unknown): DecodedError {
  const error = errorObject(body);
  const message = textOf(error, "message");
  const retryAfterMs = retryDelay(error);
  const codes = [...reasonsOf(error), textOf(error, "status")].filter((code) => code !== undefined);
  return {
    errorClass: classOf(status, error, message ?? ""),
    ...(message !== undefined && { message }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(codes.length > 0 && { codes }),
  };
}

function errorObject(body: unknown): JsonObject {
  const holder: unknown = Array.isArray(body) ? body[0] : body;
  const error = isJsonObject(holder) ? holder["error"] : undefined;
  if (isJsonObject(error)) return error;
  return isJsonObject(holder) ? holder : {};
}

function classOf(status: number, error: JsonObject, message: string): ErrorClass {
  const name = textOf(error, "status");
  // A bad key is an invalid argument to Google.
  if (reasonsOf(error).includes("API_KEY_INVALID") || /^API key (?:not valid|expired)/i.test(message))
    return "auth";
  if (status === 429 || name === "RESOURCE_EXHAUSTED")
    return isUsedUp(error, message) ? "quota" : "rate_limit";
  if (name === "FAILED_PRECONDITION" && /billing|location is not supported/i.test(message)) return "auth";
  if (status === 400 && isTooLong(message)) return "context_too_long";
  return classOfStatus(status, name);
}

function reasonsOf(error: JsonObject): readonly string[] {
  return detailsOf(error, ERROR_INFO).flatMap((detail) => textOf(detail, "reason") ?? []);
}

/** A limit per minute passes; one per day, or money that is spent, does not soon. */
function isUsedUp(error: JsonObject, message: string): boolean {
  const violated = detailsOf(error, QUOTA_FAILURE).flatMap((detail) => listOf(detail, "violations"));
  const quotas = violated.map((violation) =>
    isJsonObject(violation) ? (textOf(violation, "quotaId") ?? "") : "",
  );
  if (quotas.some((quota) => /PerDay|PerMonth/.test(quota))) return true;
  return /credits are depleted|spending cap|monthly spend|limit: 0\b/i.test(message);
}

function isTooLong(message: string): boolean {
  return /input token count.*exceeds|exceeds the maximum number of tokens|context (?:window|length)/i.test(
    message,
  );
}

function classOfStatus(status: number, name: string | undefined): ErrorClass {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "quota";
  if (status === 408 || status === 504 || name === "DEADLINE_EXCEEDED") return "timeout";
  if (status === 503 || name === "UNAVAILABLE") return "overloaded";
  return status >= 500 || status === 499 ? "server" : "caller";
}

/** `retryDelay` is a duration as protobuf writes it: seconds and an `s`. */
function retryDelay(error: JsonObject): number | undefined {
  const [info] = detailsOf(error, RETRY_INFO);
  const delay = info && textOf(info, "retryDelay");
  const seconds = delay?.endsWith("s") === true ? Number(delay.slice(0, -1)) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
}

function detailsOf(error: JsonObject, type: string): readonly JsonObject[] {
  return listOf(error, "details")
    .filter(isJsonObject)
    .filter((detail) => textOf(detail, "@type")?.endsWith(type) === true);
}
