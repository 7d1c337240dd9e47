import type { Answer, Call } from "../egress/answer.ts";
import type { Egress } from "../egress/egress.ts";
import { type Endpoint, prepareEndpoint } from "../egress/endpoint.ts";
import { EgressFailure } from "../egress/failure.ts";
import { startLocalCall } from "../egress/local-call.ts";
import { wholeBody } from "../egress/request-writer.ts";
import { TOKEN_BOUNDS } from "../egress/signing/token-request.ts";
import { wholeAnswer } from "../egress/whole-answer.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { RequestSigner, Upstream } from "../model/snapshot.ts";
import type { AttemptGuard } from "./attempt-guard.ts";
import { NO_HEADERS, type Outgoing } from "./outgoing.ts";

/**
 * Sends one attempt and waits for the answer's head. Redirects are not followed: a stored credential goes only to the
 * origin it was entered for. Throws `upstream_unreachable`, `upstream_authentication` (no proof could be had, and nothing
 * was sent), `upstream_interrupted`, `upstream_invalid_answer` (no HTTP, or a redirect), or what the guard gave up for.
 */
export async function send(
  upstream: Upstream,
  outgoing: Outgoing,
  guard: AttemptGuard,
  egress: Egress,
): Promise<Answer> {
  const { signer } = upstream;
  const headers =
    signer === undefined ? outgoing.headers : await guard.until(signed(signer, upstream, outgoing, egress));
  let answer: Answer;
  try {
    answer = await guard.sending(() => dispatch(upstream, outgoing, headers, egress)).answer;
  } catch (thrown) {
    throw guard.failure ?? (thrown instanceof EgressFailure ? withoutAnswer(upstream, thrown) : thrown);
  }
  guard.resting();
  if (answer.status < 300 || answer.status >= 400) return answer;
  guard.abandon();
  throw redirected(upstream, answer.status);
}

function redirected({ provider }: Upstream, status: number): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    message: `${provider} answered with a redirect (${status}), which is not followed.`,
    mend: `Set \`providers.${provider}.base_url\` to the address that it should go to.`,
    errorClass: "invalid_answer",
  });
}

async function signed(
  signer: RequestSigner,
  upstream: Upstream,
  outgoing: Outgoing,
  egress: Egress,
): Promise<Outgoing["headers"]> {
  const { url, body, method = "POST" } = outgoing;
  const headers = { ...upstream.headers, ...outgoing.headers };
  const proof = await signer.sign({ method, url, headers, body: wholeBody(body) }, (call) =>
    wholeAnswer(egress, call, TOKEN_BOUNDS),
  );
  return { ...outgoing.headers, ...proof };
}

function dispatch(
  upstream: Upstream,
  outgoing: Outgoing,
  headers: Outgoing["headers"],
  egress: Egress,
): Call {
  if (upstream.local !== undefined) return startLocalCall(upstream.local, outgoing.body);
  return egress.send(endpointOf(upstream, outgoing, headers), outgoing.body);
}

/** A configuration's upstreams are frozen, and so is what their requests begin with: put together once. */
const endpoints = new WeakMap<Upstream, Map<string, Endpoint>>();

/** Addresses may hold a model's name, which comes from requests: so many are kept. */
const MAX_KEPT = 1_000;

/** What every call to an address says the same is kept; a call with headers of its own has its own beginning. */
function endpointOf(upstream: Upstream, outgoing: Outgoing, headers: Outgoing["headers"]): Endpoint {
  if (headers !== NO_HEADERS) return endpointFor(upstream, outgoing, headers);
  const name = `${outgoing.method ?? "POST"} ${outgoing.url}`;
  const kept = endpoints.get(upstream) ?? new Map<string, Endpoint>();
  const known = kept.get(name);
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const endpoint = endpointFor(upstream, outgoing, NO_HEADERS);
  endpoints.set(upstream, kept.set(name, endpoint));
  return endpoint;
}

function endpointFor(
  { headers: usual, tls, proxy, reach }: Upstream,
  { url, method }: Outgoing,
  headers: Outgoing["headers"],
): Endpoint {
  return prepareEndpoint({
    method: method ?? "POST",
    url,
    headers: { ...usual, ...headers },
    ca: tls?.ca,
    ...(reach === undefined ? {} : { reach }),
    proxy,
  });
}

/** What whoever runs the gateway does where a name leads into their own network on purpose. */
function allowance(origin: string): string {
  return `Its name leads to an address that is not public. If that is meant, add ${origin} to \`egress.allow\`.`;
}

/** A call that ended before the answer's head was there, in words for whoever runs the gateway. */
function withoutAnswer({ provider, origin }: Upstream, failure: EgressFailure): GatewayError {
  const { fault, code } = failure;
  const whom = `${provider} (${origin})`;
  switch (fault) {
    case "unreachable":
      return new GatewayError("upstream_unreachable", {
        message: `${whom} could not be reached: ${code}.`,
        ...(code === "ADDRESS_NOT_ALLOWED" ? { mend: allowance(origin) } : {}),
        errorClass: "network",
        cause: failure,
      });
    case "untrusted":
      return new GatewayError("upstream_unreachable", {
        message: `The certificate of ${whom} can't be trusted: ${code}.`,
        mend: `Set \`providers.${provider}.ca\` to the certificate authority that signed it.`,
        errorClass: "network",
        cause: failure,
      });
    case "invalid":
      return new GatewayError("upstream_invalid_answer", {
        message: `${whom} answered with something that is not HTTP/1.1: ${code}.`,
        errorClass: "invalid_answer",
        cause: failure,
      });
    default:
      return new GatewayError("upstream_interrupted", {
        message: `${whom} closed the connection before it answered${code === "" ? "" : `: ${code}`}.`,
        errorClass: "network",
        cause: failure,
      });
  }
}
