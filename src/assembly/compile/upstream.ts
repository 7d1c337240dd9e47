import { writtenReach } from "../../egress/guard/guard.ts";
import { signingOf } from "../../egress/signing/index.ts";
import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { RequestSigner, Upstream } from "../../model/snapshot.ts";
import { compatibleQuirks } from "../../providers/compatible.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import type { Configuration } from "../configuration/schema.ts";
import { writtenQuirks } from "./capabilities.ts";
import { upstreamEndpoints, upstreamModelList } from "./endpoints.ts";
import { compileTimeouts } from "./timeouts.ts";
import { upstreamHeaders } from "./upstream-headers.ts";

/** What holds for all providers. */
interface UpstreamContext {
  readonly timeouts: Configuration["timeouts"];
  readonly allowedOrigins: ReadonlySet<string>;
}

/** A provider with everything worked out that a call to it needs. */
export function compileUpstream(
  provider: ActiveProvider,
  { timeouts, allowedOrigins }: UpstreamContext,
  dialects: ReadonlyMap<DialectId, Dialect>,
): Upstream {
  const { builtIn, settings, key } = provider;
  const modelList = upstreamModelList(provider, dialects);
  return Object.freeze({
    provider: provider.id,
    endpoints: upstreamEndpoints(provider, dialects),
    origin: new URL(provider.baseUrl).origin,
    reach: writtenReach(provider.baseUrl, allowedOrigins),
    ...(modelList === undefined ? {} : { modelList }),
    headers: upstreamHeaders(provider),
    ...(key === undefined ? {} : { credential: key }),
    ...signerOf(provider, allowedOrigins),
    ...(settings?.ca === undefined ? {} : { tls: Object.freeze({ ca: settings.ca }) }),
    ...(settings?.proxy === undefined ? {} : { proxy: settings.proxy }),
    timeouts: compileTimeouts(timeouts, settings?.timeouts),
    quirks: Object.freeze([
      ...(builtIn === undefined ? compatibleQuirks(settings?.dialect) : (builtIn.quirks ?? [])),
      ...writtenQuirks(settings),
    ]),
    errorClasses: Object.freeze({ ...builtIn?.errorClasses, ...settings?.error_classes }),
    ...(builtIn?.local === undefined ? {} : { local: builtIn.local }),
  });
}

/** Whoever has credentials of several parts proves each request anew. */
function signerOf(
  provider: ActiveProvider,
  allowedOrigins: UpstreamContext["allowedOrigins"],
): { readonly signer?: RequestSigner } {
  const { id, authentication, credentials, options, settings } = provider;
  const signing = signingOf(authentication);
  if (signing === undefined || credentials === undefined) return {};
  const proxy = settings?.proxy;
  return {
    signer: signing.open({
      provider: id,
      credentials,
      options,
      allowedOrigins,
      ...(proxy !== undefined && { proxy }),
    }),
  };
}
