import type { ErrorClass } from "../../model/error-class.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { RetrySettings } from "../../model/route-settings.ts";

/**
 * What a failed attempt leaves to do:
 * - `elsewhere`: it says nothing about the request, so another target may do better.
 * - `other-credential`: the same, and it says nothing about the target either.
 * - `bigger`: the prompt is too long for that model.
 * - `nowhere`: another would answer the same, or nobody waits for it any more.
 */
export type RetryScope = "elsewhere" | "other-credential" | "bigger" | "nowhere";

const SCOPES: { readonly [C in ErrorClass]: RetryScope } = {
  // What the caller caused would be refused everywhere.
  caller: "nowhere",
  auth: "other-credential",
  quota: "other-credential",
  rate_limit: "other-credential",
  overloaded: "elsewhere",
  context_too_long: "bigger",
  // An answer, unless the route says otherwise.
  content_filter: "nowhere",
  server: "elsewhere",
  network: "elsewhere",
  timeout: "elsewhere",
  invalid_answer: "elsewhere",
};

/** Where a call may be tried again that failed before anything of its answer was given away. */
export function retryScope({ code, errorClass }: GatewayError, settings: RetrySettings): RetryScope {
  // What one provider's dialect can't say, another's may.
  if (code === "cannot_translate") return "elsewhere";
  if (errorClass === undefined) return "nowhere";
  if (errorClass === "content_filter" && settings.refusals) return "elsewhere";
  return SCOPES[errorClass];
}

/** Whether the attempt ended before there was a call: nothing was asked of anybody. */
export function wasNoCall({ code }: GatewayError): boolean {
  return code === "cannot_translate" || code === "overloaded";
}

/** Whether nothing of the request can have reached the provider, so that the same target may be asked again. */
export function wasNotSent({ code }: GatewayError): boolean {
  return code === "upstream_unreachable";
}

/** A wait that doubles with each retry, of which chance takes a part: callers that failed together don't return so. */
export function backoffMs(
  retry: number,
  { backoffMs: baseMs, maxWaitMs }: RetrySettings,
  chance: number,
): number {
  return Math.min(baseMs * 2 ** Math.min(retry, 20), maxWaitMs) * chance;
}
