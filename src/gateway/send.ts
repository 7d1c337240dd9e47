import type { Answer, Call } from "../egress/answer.ts";
import type { Egress } from "../egress/egress.ts";
import { type Endpoint, prepareEndpoint } from "../egress/endpoint.ts";
import { EgressFailure } from "../egress/failure.ts";
import { startLocalCall } from "../egress/local-call.ts";
import type { RequestBody } from "../egress/request-writer.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Operation } from "../model/inference-request.ts";
import type { Target, Upstream } from "../model/snapshot.ts";
import type { CallGuard } from "./call-guard.ts";

/**
 * Sends one attempt and waits for the answer's head. Redirects are not followed: a stored credential goes only to the
 * origin it was entered for. Throws `upstream_unreachable`, `upstream_interrupted`, `upstream_invalid_answer` (no HTTP,
 * or a redirect), or what the guard gave up for.
 */
export async function send(
  target: Target,
  operation: Operation,
  body: RequestBody,
  guard: CallGuard,
  egress: Egress,
): Promise<Answer> {
  const { upstream } = target;
  const answer = await guard
    .sending(upstream, () => dispatch(upstream, operation, body, egress))
    .answer.catch((thrown: unknown) => {
      throw guard.failure ?? (thrown instanceof EgressFailure ? withoutAnswer(upstream, thrown) : thrown);
    });
  guard.resting();
  if (answer.status < 300 || answer.status >= 400) return answer;
  guard.abandonAttempt();
  throw new GatewayError("upstream_invalid_answer", {
    message: `${upstream.provider} answered with a redirect (${answer.status}), which is not followed.`,
    mend: `Set \`providers.${upstream.provider}.base_url\` to the address that it should go to.`,
    errorClass: "invalid_answer",
  });
}

function dispatch(upstream: Upstream, operation: Operation, body: RequestBody, egress: Egress): Call {
  if (upstream.local !== undefined) return startLocalCall(upstream.local, body);
  return egress.send(endpointOf(upstream, operation), body);
}

/** A configuration's upstreams are frozen, and so is what their requests begin with: put together once. */
const endpoints = new WeakMap<Upstream, Map<Operation, Endpoint>>();

function endpointOf(upstream: Upstream, operation: Operation): Endpoint {
  const known = endpoints.get(upstream)?.get(operation);
  if (known !== undefined) return known;
  const url = upstream.urls[operation];
  if (url === undefined) throw new GatewayError("unknown_model");
  const { headers, tls, proxy } = upstream;
  const endpoint = prepareEndpoint({ method: "POST", url, headers, ca: tls?.ca, proxy });
  const ofUpstream = endpoints.get(upstream) ?? new Map<Operation, Endpoint>();
  endpoints.set(upstream, ofUpstream.set(operation, endpoint));
  return endpoint;
}

/** A call that ended before the answer's head was there, in words for whoever runs the gateway. */
function withoutAnswer({ provider, origin }: Upstream, failure: EgressFailure): GatewayError {
  const { fault, code } = failure;
  const whom = `${provider} (${origin})`;
  switch (fault) {
    case "unreachable":
      return new GatewayError("upstream_unreachable", {
        message: `${whom} could not be reached: ${code}.`,
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
