import type { ErrorCode } from "./error-table.ts";

/** How an upstream failure counts, whatever the vendor called it. */
export type ErrorClass =
  | "caller"
  | "auth"
  | "quota"
  | "rate_limit"
  | "overloaded"
  | "context_too_long"
  | "content_filter"
  | "server"
  | "network"
  | "timeout"
  | "invalid_answer";

/** The error that a client is given for each class of upstream failure. */
export const CODE_OF_CLASS: { readonly [C in ErrorClass]: ErrorCode } = Object.freeze({
  caller: "upstream_refused",
  auth: "upstream_authentication",
  quota: "upstream_quota",
  rate_limit: "upstream_rate_limit",
  overloaded: "upstream_overloaded",
  context_too_long: "upstream_context_too_long",
  content_filter: "upstream_content_filter",
  server: "upstream_server",
  network: "upstream_interrupted",
  timeout: "upstream_timeout",
  invalid_answer: "upstream_invalid_answer",
});
