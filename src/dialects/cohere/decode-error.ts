import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { isJsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

const STATUSES: { readonly [status: number]: ErrorClass } = {
  401: "auth",
  402: "quota",
  403: "auth",
  408: "timeout",
  429: "rate_limit",
  // "Invalid token": the request or the answer holds one that is forbidden.
  498: "content_filter",
  503: "overloaded",
  504: "timeout",
};

const TOO_LONG = /too many tokens|maximum (context|number of tokens)|context length/i;
const TRIAL = /trial key|monthly|billing/i;

/** What Cohere's errors mean: a status and `{"message"}` (https://docs.cohere.com/v2/reference/errors). */
export function decodeError(status: number, body: unknown): DecodedError {
  const message = isJsonObject(body) ? (textMember(body, "message") ?? textMember(body, "data")) : undefined;
  const errorClass = STATUSES[status] ?? (status >= 500 ? "server" : "caller");
  return message === undefined ? { errorClass } : { errorClass: refined(errorClass, message), message };
}

function refined(errorClass: ErrorClass, message: string): ErrorClass {
  if (errorClass === "caller" && TOO_LONG.test(message)) return "context_too_long";
  return errorClass === "rate_limit" && TRIAL.test(message) ? "quota" : errorClass;
}
