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
  503: "overloaded",
  504: "timeout",
};

/** What a refusal means. Its words stand in `detail` (Jina, Voyage), `message` (Cohere) or `error` (vLLM, Together). */
export function decodeError(status: number, body: unknown): DecodedError {
  const errorClass = STATUSES[status] ?? (status >= 500 ? "server" : "caller");
  const message = messageOf(body);
  return message === undefined ? { errorClass } : { errorClass, message };
}

function messageOf(body: unknown): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const { error } = body;
  const within = isJsonObject(error) ? textMember(error, "message") : textMember(body, "error");
  return within ?? textMember(body, "detail") ?? textMember(body, "message");
}
