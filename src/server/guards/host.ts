import { GatewayError } from "../../model/gateway-error.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Throws `untrusted_host` where a Host header does not name this gateway. */
export type HostGuard = (headers: Headers) => void;

/**
 * Checks the Host header against an exact list, so that a name which an attacker makes to point here (DNS rebinding)
 * opens nothing. Loopback names are always trusted; a name without a port is trusted on any port. Two Host headers
 * reach us joined as `a, b`, which no trusted name is.
 */
export function hostGuard(trustedHosts: readonly string[]): HostGuard {
  const trusted = new Set([...LOOPBACK_NAMES, ...trustedHosts].map((host) => host.toLowerCase()));
  let lastTrusted: string | undefined;
  return (headers) => {
    const host = headers.get("host");
    if (host !== null && host === lastTrusted) return;
    if (host === null || !isTrusted(trusted, host.toLowerCase())) {
      throw new GatewayError("untrusted_host", {
        mend: "Call it by a trusted name, or add the name that you used to `server.trusted_hosts`.",
      });
    }
    lastTrusted = host;
  };
}

const PORT = /:\d{1,5}$/;

/** Only a name that is listed without a port stands for every port, and no name has two. */
function isTrusted(trusted: ReadonlySet<string>, host: string): boolean {
  if (trusted.has(host)) return true;
  const name = host.replace(PORT, "");
  return !PORT.test(name) && trusted.has(name);
}
