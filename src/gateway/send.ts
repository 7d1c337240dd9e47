import { GatewayError } from "../model/gateway-error.ts";
import type { Upstream } from "../model/snapshot.ts";
import type { CallGuard } from "./call-guard.ts";
import type { Outgoing } from "./outgoing.ts";

/** Codes that Bun's fetch gives to a connection that was never made: nothing of the request went out. */
const NEVER_CONNECTED = new Set([
  "ConnectionRefused",
  "ECONNREFUSED",
  "FailedToOpenSocket",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/**
 * Sends one attempt and waits for the answer's head. Redirects are not followed: a stored credential goes only to the
 * origin it was entered for. Throws `upstream_unreachable`, `upstream_authentication` (no proof could be had),
 * `upstream_invalid_answer` (a redirect), or what the guard gave up for.
 */
export async function send(upstream: Upstream, outgoing: Outgoing, guard: CallGuard): Promise<Response> {
  const signal = guard.sending(upstream);
  const response = await dispatch(upstream, outgoing, signal).catch((thrown: unknown) => {
    if (guard.failure !== undefined) throw guard.failure;
    // No proof could be had: nothing was sent.
    if (thrown instanceof GatewayError) throw thrown;
    throw connectionFailure(upstream.provider, upstream.origin, thrown);
  });
  guard.resting();
  if (response.status < 300 || response.status >= 400) return response;
  guard.abandonAttempt();
  throw new GatewayError("upstream_invalid_answer", {
    message: `${upstream.provider} answered with a redirect (${response.status}), which is not followed.`,
    mend: `Set \`providers.${upstream.provider}.base_url\` to the address that it should go to.`,
    errorClass: "invalid_answer",
  });
}

async function dispatch(upstream: Upstream, outgoing: Outgoing, signal: AbortSignal): Promise<Response> {
  const { url, body, method = "POST" } = outgoing;
  if (upstream.local !== undefined) {
    return upstream.local(typeof body === "string" ? new TextEncoder().encode(body) : body, signal);
  }
  return fetch(url, {
    method,
    headers: await headersFor(upstream, outgoing, signal),
    ...(method === "GET" ? {} : { body }),
    signal,
    redirect: "manual",
    // Our own limits hold; Bun's idle timer would cut a model that thinks for long.
    timeout: false,
    ...(upstream.tls === undefined ? {} : { tls: upstream.tls }),
    ...(upstream.proxy === undefined ? {} : { proxy: upstream.proxy }),
  });
}

async function headersFor(
  upstream: Upstream,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<Outgoing["headers"]> {
  const headers = { ...upstream.headers, ...outgoing.headers };
  if (upstream.signer === undefined) return headers;
  const { url, body, method = "POST" } = outgoing;
  const signing = upstream.signer.sign({ method, url, headers, body });
  return { ...headers, ...(await unlessAborted(signing, signal)) };
}

/** A token may be waited for by many calls, so one that is given up just stops waiting. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

function connectionFailure(provider: string, origin: string, thrown: unknown): GatewayError {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const certificate = /CERT|SSL|TLS|SELF_SIGNED/.test(code);
  const said = certificate
    ? `The certificate of ${provider} (${origin}) can't be trusted: ${code}.`
    : NEVER_CONNECTED.has(code)
      ? `${provider} (${origin}) could not be reached: ${code}.`
      : `${provider} (${origin}) closed the connection before it answered${code === "" ? "" : `: ${code}`}.`;
  return new GatewayError(
    certificate || NEVER_CONNECTED.has(code) ? "upstream_unreachable" : "upstream_interrupted",
    {
      message: said,
      ...(certificate
        ? { mend: `Set \`providers.${provider}.ca\` to the certificate authority that signed it.` }
        : {}),
      errorClass: "network",
      cause: thrown,
    },
  );
}
