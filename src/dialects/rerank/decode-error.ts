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
  const codes = codesOf(body);
  return { errorClass, ...(codes.length > 0 && { codes }), ...(message !== undefined && { message }) };
}

/** Servers that have an envelope like OpenAI's have its codes. */
function codesOf(body: unknown): readonly string[] {
  const error = isJsonObject(body) && isJsonObject(body["error"]) ? body["error"] : {};
  return [error["code"], error["type"]].filter((code) => typeof code === "string");
}

function messageOf(body: unknown): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const { error } = body;
  const within = isJsonObject(error) ? textMember(error, "message") : textMember(body, "error");
  return within ?? textMember(body, "detail") ?? textMember(body, "message");
}
