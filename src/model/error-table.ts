/** Who must act: the caller, whoever set the policy, the provider, or this gateway's operator. */
export type ErrorSource = "caller" | "policy" | "upstream" | "gateway";

/** One kind of error: its status, who must act, whether the same call may succeed later, what it is and how to mend it. */
export interface ErrorEntry {
  readonly status: number;
  readonly source: ErrorSource;
  readonly retryable: boolean;
  readonly sentence: string;
  readonly mend: string;
}

const entry = (
  status: number,
  source: ErrorSource,
  retryable: boolean,
  sentence: string,
  mend: string,
): ErrorEntry => Object.freeze({ status, source, retryable, sentence, mend });

/** Every error that Gatehouse answers with. Documentation is generated from this table (docs/reference/errors.md). */
export const ERRORS = Object.freeze({
  invalid_json: entry(
    400,
    "caller",
    false,
    "The request body is not valid JSON.",
    "Send one JSON object, UTF-8.",
  ),
  invalid_request: entry(
    400,
    "caller",
    false,
    "The request is not valid.",
    "Correct the field that the message names.",
  ),
  cannot_translate: entry(
    400,
    "caller",
    false,
    "The provider of this model can't do what the request asks.",
    "Leave out the field that the message names, or use a model whose provider has it.",
  ),
  json_too_complex: entry(
    400,
    "caller",
    false,
    "The request body is nested too deeply or holds too many values.",
    "Send flatter JSON: at most 128 levels and 1,000,000 values.",
  ),
  invalid_path: entry(
    400,
    "caller",
    false,
    "The request path is not in its plain form.",
    "Send the path as documented: no double slashes, dot segments, backslashes or needless escapes.",
  ),
  missing_key: entry(
    401,
    "caller",
    false,
    "No key was sent.",
    "Send a Gatehouse virtual key as 'Authorization: Bearer gh_...' or 'x-api-key: gh_...'. `./gatehouse keys create` makes one.",
  ),
  invalid_key: entry(
    401,
    "caller",
    false,
    "The key is not known here.",
    "Check that it was copied whole, or make a new one with `./gatehouse keys create`.",
  ),
  revoked_key: entry(
    401,
    "caller",
    false,
    "The key was revoked.",
    "Make a new one with `./gatehouse keys create`.",
  ),
  expired_key: entry(
    401,
    "caller",
    false,
    "The key has expired.",
    "Make a new one with `./gatehouse keys create`.",
  ),
  wrong_kind_of_key: entry(
    403,
    "caller",
    false,
    "This kind of key does not open this path.",
    "Use a virtual key (gh_...) for calls to models and an admin key (gha_...) for /admin and /metrics.",
  ),
  untrusted_host: entry(
    403,
    "caller",
    false,
    "The Host header does not name this gateway.",
    "Call it by a trusted name, or add the name to `server.trusted_hosts`.",
  ),
  origin_not_allowed: entry(
    403,
    "caller",
    false,
    "Pages of this origin may not call this gateway.",
    "Add the exact origin to `server.cors.origins`.",
  ),
  model_not_allowed: entry(
    403,
    "policy",
    false,
    "This key may not use that model.",
    "Use a model that the key allows (GET /v1/models lists them), or ask for a key that does.",
  ),
  not_found: entry(
    404,
    "caller",
    false,
    "There is nothing at this path.",
    "See the README for the paths served.",
  ),
  unknown_model: entry(
    404,
    "caller",
    false,
    "No configured provider serves that model.",
    "Name it `provider/model`; GET /v1/models lists what is served.",
  ),
  ambiguous_model: entry(
    404,
    "caller",
    false,
    "Several providers serve a model of that name.",
    "Name it `provider/model`.",
  ),
  method_not_allowed: entry(
    405,
    "caller",
    false,
    "This path takes another method.",
    "Use the method in the Allow header.",
  ),
  request_timeout: entry(
    408,
    "caller",
    true,
    "The request body did not arrive in time.",
    "Send it faster, or raise `limits.request_body_ms`.",
  ),
  request_too_large: entry(
    413,
    "caller",
    false,
    "The request body is too large.",
    "Send less, or raise `limits.body_bytes`.",
  ),
  unsupported_encoding: entry(
    415,
    "caller",
    false,
    "Encoded request bodies are not taken.",
    "Send the body without Content-Encoding.",
  ),
  too_many_concurrent: entry(
    429,
    "policy",
    true,
    "This key has too many calls in flight.",
    "Wait for one to end, or raise the key's limit.",
  ),
  rate_limited: entry(
    429,
    "policy",
    true,
    "A rate limit of this key or its project is used up.",
    "Wait for the time in Retry-After, or ask for a higher limit.",
  ),
  budget_exhausted: entry(
    402,
    "policy",
    false,
    "A budget of this key or its project is used up.",
    "Wait for the budget's next period, or ask for a higher one.",
  ),
  unpriced_model: entry(
    402,
    "policy",
    false,
    "The model has no price, and a budget can't be kept without one.",
    "State its price under `prices` in the configuration, or use a model that has one.",
  ),
  client_closed: entry(
    499,
    "caller",
    false,
    "The client left before the answer.",
    "Nothing: nobody is listening.",
  ),
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
  overloaded: entry(
    503,
    "gateway",
    true,
    "This gateway has as much work as it takes.",
    "Try again after the time in Retry-After.",
  ),
  draining: entry(
    503,
    "gateway",
    true,
    "This gateway is shutting down.",
    "Try again; another instance or the next start will answer.",
  ),
  journal_unavailable: entry(
    503,
    "gateway",
    true,
    "The ledger can't be written, so no call is made.",
    "The operator must make room on, or mend, the disk that holds the data folder.",
  ),
  store_unavailable: entry(
    503,
    "gateway",
    true,
    "The store can't be read, so a budget can't be kept and no call under one is made.",
    "The operator must mend the store; it heals without a restart.",
  ),
  internal: entry(
    500,
    "gateway",
    false,
    "Something broke inside this gateway.",
    "Report it with the request id; the log has the cause.",
  ),
} as const satisfies Record<string, ErrorEntry>);

/** The stable name of an error, to match on. */
export type ErrorCode = keyof typeof ERRORS;
