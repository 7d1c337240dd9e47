import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Upstream } from "../../model/snapshot.ts";
import { compatibleQuirks } from "../../providers/compatible.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import type { Configuration } from "../configuration/schema.ts";
import { upstreamEndpoints } from "./endpoints.ts";
import { compileTimeouts } from "./timeouts.ts";
import { upstreamHeaders } from "./upstream-headers.ts";

/** A provider with everything worked out that a call to it needs. */
export function compileUpstream(
  provider: ActiveProvider,
  timeouts: Configuration["timeouts"],
  dialects: ReadonlyMap<DialectId, Dialect>,
): Upstream {
  const { builtIn, settings, key } = provider;
  return Object.freeze({
    provider: provider.id,
    endpoints: upstreamEndpoints(provider, dialects),
    origin: new URL(provider.baseUrl).origin,
    headers: upstreamHeaders(provider),
    ...(key === undefined ? {} : { credential: key }),
    ...(settings?.ca === undefined ? {} : { tls: Object.freeze({ ca: settings.ca }) }),
    ...(settings?.proxy === undefined ? {} : { proxy: settings.proxy }),
    timeouts: compileTimeouts(timeouts, settings?.timeouts),
    quirks: builtIn === undefined ? compatibleQuirks(settings?.dialect) : (builtIn.quirks ?? []),
    errorClasses: Object.freeze({ ...builtIn?.errorClasses, ...settings?.error_classes }),
    ...(builtIn?.local === undefined ? {} : { local: builtIn.local }),
  });
}
