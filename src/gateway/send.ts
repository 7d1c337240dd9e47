import { GatewayError } from "../model/gateway-error.ts";
import type { Operation } from "../model/inference-request.ts";
import type { Target } from "../model/snapshot.ts";
import type { CallGuard } from "./call-guard.ts";

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
 * origin it was entered for. Throws `upstream_unreachable`, `upstream_invalid_answer` (a redirect), or what the guard
 * gave up for.
 */
export async function send(
  target: Target,
  operation: Operation,
  body: Uint8Array | string,
  guard: CallGuard,
): Promise<Response> {
  const { upstream } = target;
  const signal = guard.sending(upstream);
  const response = await dispatch(target, operation, body, signal).catch((thrown: unknown) => {
    throw guard.failure ?? connectionFailure(upstream.provider, upstream.origin, thrown);
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

function dispatch(
  { upstream }: Target,
  operation: Operation,
  body: Uint8Array | string,
  signal: AbortSignal,
): Promise<Response> {
  if (upstream.local !== undefined) {
    return upstream.local(typeof body === "string" ? new TextEncoder().encode(body) : body, signal);
  }
  const url = upstream.urls[operation];
  if (url === undefined) throw new GatewayError("unknown_model");
  return fetch(url, {
    method: "POST",
    headers: upstream.headers,
    body,
    signal,
    redirect: "manual",
    // Our own limits hold; Bun's idle timer would cut a model that thinks for long.
    timeout: false,
    ...(upstream.tls === undefined ? {} : { tls: upstream.tls }),
    ...(upstream.proxy === undefined ? {} : { proxy: upstream.proxy }),
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
