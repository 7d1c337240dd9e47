import { type ErrorEntry, entry } from "./error-entry.ts";

/** What can go wrong at a provider, or on the way to it and back: the part of the table that is about them. */
export const UPSTREAM_ERRORS = Object.freeze({
  upstream_refused: entry(
    400,
    "upstream",
    false,
    "The provider refused the request.",
    "Correct the request as the provider's message says.",
  ),
  upstream_context_too_long: entry(
    400,
    "upstream",
    false,
    "The request is longer than the model takes.",
    "Shorten it, or use a model with a larger context window.",
  ),
  upstream_content_filter: entry(
    400,
    "upstream",
    false,
    "The provider's content filter refused the request.",
    "Change the prompt, or use another model.",
  ),
  upstream_authentication: entry(
    502,
    "upstream",
    false,
    "The provider does not accept the key that this gateway holds for it.",
    "The operator must set a working key for this provider; your own key is fine.",
  ),
  upstream_quota: entry(
    429,
    "upstream",
    false,
    "The gateway's account at the provider has no quota left.",
    "The operator must add quota there, or use another provider.",
  ),
  upstream_rate_limit: entry(
    429,
    "upstream",
    true,
    "The provider limits the rate of calls.",
    "Try again after the time in Retry-After.",
  ),
  upstream_overloaded: entry(503, "upstream", true, "The provider is overloaded.", "Try again shortly."),
  upstream_server: entry(
    502,
    "upstream",
    true,
    "The provider failed.",
    "Try again; if it persists, look at the provider's status page.",
  ),
  upstream_unreachable: entry(
    502,
    "upstream",
    true,
    "The provider could not be reached.",
    "Check the provider's base URL and the network between it and this gateway.",
  ),
  upstream_timeout: entry(
    504,
    "upstream",
    true,
    "The provider did not answer in time.",
    "Try again, or raise the limit that the message names (`timeouts` in the configuration).",
  ),
  upstream_invalid_answer: entry(
    502,
    "upstream",
    true,
    "The provider's answer could not be understood.",
    "Check that the provider's base URL and dialect belong together.",
  ),
  upstream_interrupted: entry(
    502,
    "upstream",
    true,
    "The provider broke off in the middle of its answer.",
    "What came before is incomplete. Send the request again.",
  ),
} as const satisfies Record<string, ErrorEntry>);
