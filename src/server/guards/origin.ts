import { GatewayError } from "../../model/gateway-error.ts";

/** What the configuration says of pages in browsers. */
export interface CorsSettings {
  readonly origins: readonly string[];
  readonly credentials: boolean;
}

const NO_HEADERS = Object.freeze({});
const USUAL_HEADERS = "authorization, content-type, x-api-key";
const PREFLIGHT_SECONDS = "600";
const EXPOSED =
  "x-request-id, request-id, x-gatehouse-target, x-gatehouse-attempts, x-gatehouse-cost-usd, x-gatehouse-estimated, x-gatehouse-warnings, retry-after";

/** Judges the Origin header that browsers send, and gives the CORS headers to answer with. */
export interface OriginGuard {
  /** Headers for the answer; none where no browser page asks. Throws `origin_not_allowed`. */
  check(headers: Headers): { readonly [name: string]: string };
  /** Headers that answer a preflight. Throws `origin_not_allowed`. */
  preflight(headers: Headers, methods: readonly string[]): { readonly [name: string]: string };
}

/** Cross-origin pages are refused unless their exact origin is listed (Fetch standard, CORS protocol). */
export function originGuard(settings: CorsSettings): OriginGuard {
  const allowed = new Set(settings.origins);
  const allow = (origin: string) => ({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED,
    vary: "Origin",
    ...(settings.credentials ? { "access-control-allow-credentials": "true" } : {}),
  });
  const check = (headers: Headers) => {
    const origin = headers.get("origin");
    if (origin === null) return NO_HEADERS;
    if (!allowed.has(origin)) throw new GatewayError("origin_not_allowed");
    return allow(origin);
  };
  return {
    check,
    preflight: (headers, methods) => ({
      ...check(headers),
      "access-control-allow-methods": methods.join(", "),
      // The SDKs send many headers of their own. Which ones a listed page may send decides nothing here.
      "access-control-allow-headers": headers.get("access-control-request-headers") ?? USUAL_HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
    }),
  };
}
