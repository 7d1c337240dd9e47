import { GatewayError } from "../../model/gateway-error.ts";

/** What the configuration says of pages in browsers. */
export interface CorsSettings {
  readonly origins: readonly string[];
  readonly credentials: boolean;
}

const NO_HEADERS = Object.freeze({});
const USUAL_HEADERS = "authorization, content-type, x-api-key, x-goog-api-key";
const PREFLIGHT_SECONDS = "600";
const EXPOSED = [
  "x-request-id",
  "request-id",
  "x-gatehouse-target",
  "x-gatehouse-attempts",
  "x-gatehouse-cost-usd",
  "x-gatehouse-estimated",
  "x-gatehouse-warnings",
  "x-gatehouse-error",
  "retry-after",
  "x-should-retry",
  ...["limit", "remaining", "reset"].flatMap((what) =>
    ["requests", "tokens"].map((unit) => `x-ratelimit-${what}-${unit}`),
  ),
].join(", ");

/** For whom a path is: its caller's policies may list pages of their own; administration's are the configured ones. */
export type PathFor = "callers" | "others";

/** Judges the Origin header that browsers send, and gives the CORS headers to answer with. */
export interface OriginGuard {
  /** Headers for the answer; none where no browser page asks. Throws `origin_not_allowed`. */
  check(headers: Headers, pathFor: PathFor): { readonly [name: string]: string };
  /** Headers that answer a preflight. Throws `origin_not_allowed`. */
  preflight(
    headers: Headers,
    pathFor: PathFor,
    methods: readonly string[],
  ): { readonly [name: string]: string };
}

/**
 * Cross-origin pages are refused unless their exact origin is listed (Fetch standard, CORS protocol): in the
 * configuration, or, on the paths of callers, in some policy. A preflight carries no key, so it can't be judged more
 * exactly; whether the very key or token of a call may be used by its page is judged with the key.
 */
export function originGuard(settings: CorsSettings, isInPolicies: (origin: string) => boolean): OriginGuard {
  const configured = new Set(settings.origins);
  const allow = (origin: string) => ({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED,
    vary: "Origin",
    ...(settings.credentials ? { "access-control-allow-credentials": "true" } : {}),
  });
  const check = (headers: Headers, pathFor: PathFor) => {
    const origin = headers.get("origin");
    if (origin === null) return NO_HEADERS;
    if (configured.has(origin) || (pathFor === "callers" && isInPolicies(origin))) return allow(origin);
    throw new GatewayError("origin_not_allowed");
  };
  return {
    check,
    preflight: (headers, pathFor, methods) => ({
      ...check(headers, pathFor),
      "access-control-allow-methods": methods.join(", "),
      // The SDKs send many headers of their own. Which ones a listed page may send decides nothing here.
      "access-control-allow-headers": headers.get("access-control-request-headers") ?? USUAL_HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
    }),
  };
}
