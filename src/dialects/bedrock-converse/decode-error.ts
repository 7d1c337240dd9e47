import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

/**
 * What Bedrock's errors mean (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * "Errors", and .../userguide/troubleshooting-api-error-codes.html). The kind of an error that is a status of its own
 * stands in a header; here its status tells it as well, and inside a stream there is its name alone.
 */
const CLASSES: { readonly [exception: string]: ErrorClass } = {
  accessdenied: "auth",
  unrecognizedclient: "auth",
  expiredtoken: "auth",
  incompletesignature: "auth",
  invalidsignature: "auth",
  conflict: "server",
  internalserver: "server",
  modelerror: "server",
  modelstreamerror: "server",
  modelnotready: "overloaded",
  modeltimeout: "timeout",
  resourcenotfound: "caller",
  servicequotaexceeded: "quota",
  serviceunavailable: "overloaded",
  throttling: "rate_limit",
  validation: "caller",
};

const STATUSES: { readonly [status: number]: ErrorClass } = {
  401: "auth",
  403: "auth",
  408: "timeout",
  424: "server",
  429: "rate_limit",
  503: "overloaded",
  504: "timeout",
};

/** The models' own words for a request that is too long; Bedrock has no code for it. */
const TOO_LONG =
  /(input|prompt) is too long|context (length|limit|window)|maximum (number of )?(input )?tokens|too many (input )?tokens for|input tokens exceeded/i;
const QUOTA = /too many tokens per (day|month)|exceeds? (the|your) (service )?quota/i;

/** What a refusal means. */
export function decodeError(status: number, body: unknown): DecodedError {
  const error = isJsonObject(body) ? body : {};
  const name = exceptionName(textMember(error, "__type") ?? "");
  const errorClass = classOfException(name) ?? STATUSES[status] ?? (status >= 500 ? "server" : "caller");
  return decoded(errorClass, name, error);
}

/** What an exception inside a stream means: `throttlingException` and the like. */
export function decodeException(name: string, body: unknown): DecodedError {
  const error = isJsonObject(body) ? body : {};
  const known = exceptionName(name);
  return decoded(classOfException(known) ?? "server", known, error);
}

function decoded(errorClass: ErrorClass, name: string, error: JsonObject): DecodedError {
  const message =
    textMember(error, "message") ?? textMember(error, "Message") ?? textMember(error, "originalMessage");
  const codes = name !== "" && { codes: [name] };
  if (message === undefined) return { errorClass, ...codes };
  return { errorClass: refined(errorClass, message), ...codes, message };
}

function refined(errorClass: ErrorClass, message: string): ErrorClass {
  if (errorClass === "caller" && TOO_LONG.test(message)) return "context_too_long";
  if ((errorClass === "caller" || errorClass === "rate_limit") && QUOTA.test(message)) return "quota";
  return errorClass;
}

/** Names come as `ThrottlingException`, `throttlingException` or `com.amazon...#ThrottlingException`: the first is told. */
function exceptionName(written: string): string {
  const short = written.slice(written.lastIndexOf("#") + 1);
  return short.charAt(0).toUpperCase() + short.slice(1);
}

function classOfException(name: string): ErrorClass | undefined {
  const known = name.replace(/(exception|error)$/i, "").toLowerCase();
  return Object.hasOwn(CLASSES, known) ? CLASSES[known] : undefined;
}
