import type { Environment } from "../../config/expand-references.ts";
import { type Origins, originOf } from "../../config/origin.ts";
import type { Authentication, Endpoint, Provider } from "../../model/provider.ts";
import { compatibleEndpoints, usualAuthentication } from "../../providers/compatible.ts";
import type { ProviderSettings, WrittenKey } from "./provider-section.ts";
import type { Configuration } from "./schema.ts";
import { usualAddress } from "./usual-address.ts";
import { needsKey, usualKey } from "./usual-key.ts";

/** Where a provider's key comes from; never the key. */
export type KeySource =
  | { readonly from: "environment"; readonly variables: readonly string[] }
  | { readonly from: "file"; readonly path: string }
  | { readonly from: "configuration" }
  | { readonly from: "nowhere" };

/** A provider that will be served: what is built in and what is written about it, joined. */
export interface ActiveProvider {
  readonly id: string;
  readonly endpoints: readonly Endpoint[];
  readonly baseUrl: string;
  readonly authentication: Authentication;
  readonly key?: string;
  /** Where there are several keys; the first of them is `key`. */
  readonly keys?: readonly ActiveKey[];
  readonly keySource: KeySource;
  /** Why it is there: written in the file, its usual variable is set, or always. */
  readonly because: "file" | "environment" | "built-in";
  readonly builtIn?: Provider;
  readonly settings?: ProviderSettings;
}

/** One of several keys of a provider. */
export interface ActiveKey {
  readonly key: string;
  readonly name: string;
  readonly weight: number;
  readonly maxInFlight?: number;
}

interface Sources {
  readonly catalog: ReadonlyMap<string, Provider>;
  readonly environment: Environment;
  readonly origins: Origins;
}

/** The providers to serve: those written, in their order, then the built-in ones that were found. */
export function activeProviders(configuration: Configuration, sources: Sources): ActiveProvider[] {
  const written = Object.entries(configuration.providers);
  const active = written
    .filter(([, settings]) => settings.enabled)
    .map(([id, settings]) => writtenProvider(id, settings, sources));
  for (const builtIn of sources.catalog.values()) {
    if (Object.hasOwn(configuration.providers, builtIn.id)) continue;
    const found = foundProvider(builtIn, sources.environment);
    if (found !== undefined) active.push(found);
  }
  return active;
}

function writtenProvider(id: string, settings: ProviderSettings, sources: Sources): ActiveProvider {
  const builtIn = sources.catalog.get(id);
  const endpoints =
    settings.dialect === undefined ? builtIn?.endpoints : compatibleEndpoints(settings.dialect);
  const baseUrl =
    settings.base_url ?? (builtIn && usualAddress(builtIn, sources.environment)?.baseUrl) ?? builtIn?.baseUrl;
  // The rules have refused this already; the types can't know.
  if (endpoints === undefined || baseUrl === undefined)
    throw new Error(`provider ${id} has no dialect or base_url`);
  const key = writtenKey(id, settings, sources) ?? (builtIn && usualKeyOf(builtIn, sources.environment));
  return {
    id,
    endpoints,
    baseUrl,
    authentication:
      key === undefined
        ? { scheme: "none" }
        : (builtIn?.authentication ?? usualAuthentication(settings.dialect)),
    ...(key ?? NO_KEY),
    because: "file",
    ...(builtIn === undefined ? {} : { builtIn }),
    settings,
  };
}

function foundProvider(builtIn: Provider, environment: Environment): ActiveProvider | undefined {
  const { id, endpoints, authentication, addressVariables } = builtIn;
  const key = usualKeyOf(builtIn, environment);
  const baseUrl =
    addressVariables === undefined ? builtIn.baseUrl : usualAddress(builtIn, environment)?.baseUrl;
  if (baseUrl === undefined || (key === undefined && needsKey(builtIn))) return undefined;
  const because = key === undefined && addressVariables === undefined ? "built-in" : "environment";
  return { id, endpoints, baseUrl, authentication, ...(key ?? NO_KEY), because, builtIn };
}

/** A key, where it comes from, and how it travels where that is not the provider's usual way. */
type Key = Pick<ActiveProvider, "key" | "keys" | "keySource"> &
  Partial<Pick<ActiveProvider, "authentication">>;

const TOKEN: Authentication = { scheme: "bearer" };

const NO_KEY: Key = { keySource: { from: "nowhere" } };

function writtenKey(id: string, settings: ProviderSettings, sources: Sources): Key | undefined {
  if (settings.keys !== undefined) return writtenKeys(id, settings.keys, sources);
  if (settings.key === undefined) return undefined;
  return {
    key: settings.key,
    keySource: originOf(sources.origins, ["providers", id, "key"]) ?? { from: "configuration" },
  };
}

function writtenKeys(id: string, written: readonly WrittenKey[], { origins }: Sources): Key | undefined {
  const keys = written.map(activeKey);
  const [first] = keys;
  if (first === undefined) return undefined;
  const at = typeof written[0] === "string" ? [0] : [0, "key"];
  return {
    key: first.key,
    keys: Object.freeze(keys),
    keySource: originOf(origins, ["providers", id, "keys", ...at]) ?? { from: "configuration" },
  };
}

function activeKey(written: WrittenKey, place: number): ActiveKey {
  const usual = { name: String(place + 1), weight: 1 };
  if (typeof written === "string") return Object.freeze({ ...usual, key: written });
  const { key, name = usual.name, weight, max_in_flight: maxInFlight } = written;
  return Object.freeze({ key, name, weight, ...(maxInFlight === undefined ? {} : { maxInFlight }) });
}

function usualKeyOf(builtIn: Provider, environment: Environment): Key | undefined {
  const usual = usualKey(builtIn, environment);
  if (usual === undefined) return undefined;
  const keySource: KeySource = { from: "environment", variables: [usual.variable] };
  return { key: usual.key, keySource, ...(usual.isToken && { authentication: TOKEN }) };
}
