import { writtenReach } from "../../egress/guard/guard.ts";
import { signingOf } from "../../egress/signing/index.ts";
import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { CatalogModel, RequestSigner, Upstream } from "../../model/snapshot.ts";
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
  /** What is known of models. Absent: nothing. */
  readonly catalog?: readonly CatalogModel[];
}

/** A provider with everything worked out that a call to it needs; where it has several keys, with each of them. */
export function compileUpstream(
  provider: ActiveProvider,
  context: UpstreamContext,
  dialects: ReadonlyMap<DialectId, Dialect>,
): Upstream {
  const compile = (key: string | undefined): Upstream =>
    compileSingle(key === undefined ? provider : { ...provider, key }, context, dialects);
  const { keys = [] } = provider;
  if (keys.length === 0) return Object.freeze(compile(undefined));
  const pool = keys.map(({ key, name, weight, maxInFlight }) =>
    Object.freeze({
      ...compile(key),
      credentialName: name,
      credentialWeight: weight,
      ...(maxInFlight === undefined ? {} : { maxInFlight }),
    }),
  );
  return Object.freeze({ ...compile(undefined), pool });
}

function compileSingle(
  provider: ActiveProvider,
  { timeouts, allowedOrigins, catalog = [] }: UpstreamContext,
  dialects: ReadonlyMap<DialectId, Dialect>,
): Upstream {
  const { builtIn, settings, key, options } = provider;
  const region = settings?.region ?? options["region"];
  const modelList = upstreamModelList(provider, dialects);
  return {
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
    quirks: [
      ...(builtIn === undefined ? compatibleQuirks(settings?.dialect) : (builtIn.quirks ?? [])),
      ...writtenQuirks(settings),
    ],
    errorClasses: Object.freeze({ ...builtIn?.errorClasses, ...settings?.error_classes }),
    ...(builtIn?.local === undefined ? {} : { local: builtIn.local }),
    ...(settings?.max_in_flight === undefined ? {} : { maxInFlight: settings.max_in_flight }),
    ...(region === undefined ? {} : { region }),
    knownModels: knownModels(provider.id, catalog),
  };
}

function knownModels(id: string, catalog: readonly CatalogModel[]): ReadonlyMap<string, CatalogModel> {
  return new Map(
    catalog.filter(({ provider }) => provider === id).map((model) => [model.model, model] as const),
  );
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
