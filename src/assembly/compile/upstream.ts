import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Upstream } from "../../model/snapshot.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import type { Configuration } from "../configuration/schema.ts";
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
    dialect: provider.dialect,
    urls: upstreamUrls(provider, dialects.get(provider.dialect)),
    origin: new URL(provider.baseUrl).origin,
    headers: upstreamHeaders(provider),
    ...(key === undefined ? {} : { credential: key }),
    ...(settings?.ca === undefined ? {} : { tls: Object.freeze({ ca: settings.ca }) }),
    ...(settings?.proxy === undefined ? {} : { proxy: settings.proxy }),
    timeouts: compileTimeouts(timeouts, settings?.timeouts),
    quirks: builtIn?.quirks ?? {},
    errorClasses: Object.freeze({ ...builtIn?.errorClasses, ...settings?.error_classes }),
    ...(builtIn?.local === undefined ? {} : { local: builtIn.local }),
  });
}

function upstreamUrls(provider: ActiveProvider, dialect: Dialect | undefined): Upstream["urls"] {
  if (dialect?.upstream === undefined)
    throw new Error(`the dialect ${provider.dialect} is not spoken to providers`);
  const base = provider.baseUrl.replace(/\/+$/, "");
  const paths = Object.entries(dialect.upstream.paths);
  return Object.freeze(Object.fromEntries(paths.map(([operation, path]) => [operation, base + path])));
}
