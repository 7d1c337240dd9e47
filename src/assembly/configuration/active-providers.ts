import { type Origins, originOf } from "../../config/origin.ts";
import { signingOf } from "../../egress/signing/index.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Authentication, Endpoint, Provider } from "../../model/provider.ts";
import { compatibleEndpoints, usualAuthentication } from "../../providers/compatible.ts";
import {
  type CredentialSources,
  type KeySource,
  usualCredentials,
  writtenCredentials,
} from "./provider-credentials.ts";
import { endpointWithOptions, type OptionValues, optionValues, withOptions } from "./provider-options.ts";
import { secretFor } from "./provider-secrets.ts";
import type { ProviderSettings, WrittenKey } from "./provider-section.ts";
import type { Configuration } from "./schema.ts";
import { usualAddress } from "./usual-address.ts";
import { isUsable, usualKey } from "./usual-key.ts";

export type { KeySource } from "./provider-credentials.ts";

/** A provider that will be served: what is built in and what is written about it, joined. */
export interface ActiveProvider {
  readonly id: string;
  /** Options put in. */
  readonly endpoints: readonly Endpoint[];
  /** Options put in. */
  readonly baseUrl: string;
  readonly authentication: Authentication;
  readonly key?: string;
  /** Where there are several keys; the first of them is `key`. */
  readonly keys?: readonly ActiveKey[];
  /** The parts of a credential from which each request's proof is worked out. */
  readonly credentials?: { readonly [name: string]: string };
  readonly keySource: KeySource;
  readonly options: OptionValues;
  /** Why it is there: written in the file, its usual variable is set, its secret was entered, or always. */
  readonly because: "file" | "environment" | "secret" | "built-in";
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

interface Sources extends CredentialSources {
  readonly catalog: ReadonlyMap<string, Provider>;
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
    const found = foundProvider(builtIn, sources);
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
  const options = optionValues(builtIn ?? {}, settings.options, sources.environment);
  return {
    id,
    endpoints: endpoints.map((endpoint) => endpointWithOptions(endpoint, options)),
    baseUrl: withOptions(baseUrl, options),
    ...(writtenProof(id, settings, builtIn, sources) ??
      enteredProof(id, withOptions(baseUrl, options), keyPlace(builtIn, settings.dialect), sources) ??
      (builtIn && usualProof(builtIn, sources)) ??
      NO_PROOF),
    options,
    because: "file",
    ...(builtIn === undefined ? {} : { builtIn }),
    settings,
  };
}

function foundProvider(builtIn: Provider, sources: Sources): ActiveProvider | undefined {
  if (!isUsable(builtIn, sources)) return undefined;
  const { id, endpoints, addressVariables } = builtIn;
  const baseUrl = usualAddress(builtIn, sources.environment)?.baseUrl ?? builtIn.baseUrl;
  const options = optionValues(builtIn, {}, sources.environment);
  const entered = enteredProof(id, withOptions(baseUrl, options), keyPlace(builtIn), sources);
  const proof = entered ?? usualProof(builtIn, sources);
  return {
    id,
    endpoints: endpoints.map((endpoint) => endpointWithOptions(endpoint, options)),
    baseUrl: withOptions(baseUrl, options),
    ...(proof ?? NO_PROOF),
    options,
    because: becauseOf(addressVariables !== undefined, proof),
    builtIn,
  };
}

type Proof = Pick<ActiveProvider, "authentication" | "key" | "keys" | "credentials" | "keySource">;

const TOKEN: Authentication = { scheme: "bearer" };

const NO_PROOF: Proof = { authentication: { scheme: "none" }, keySource: { from: "nowhere" } };

function becauseOf(isOwnServer: boolean, proof: Proof | undefined): ActiveProvider["because"] {
  if (isOwnServer) return "environment";
  if (proof?.keySource.from === "store") return "secret";
  return proof === undefined ? "built-in" : "environment";
}

/** A secret that was entered goes to the origin that it was entered for, and to no other. */
function enteredProof(
  id: string,
  baseUrl: string,
  authentication: Authentication,
  { secrets }: Sources,
): Proof | undefined {
  const key = secretFor(secrets, id, baseUrl);
  return key === undefined ? undefined : { key, keySource: { from: "store" }, authentication };
}

/** What is written goes before what was entered and what is usual, and a key before credentials of several parts. */
function writtenProof(
  id: string,
  settings: ProviderSettings,
  builtIn: Provider | undefined,
  sources: Sources,
): Proof | undefined {
  const { key, keys, credentials } = settings;
  const pooled = keys && pooledKeys(id, keys, sources);
  if (pooled !== undefined) return { ...pooled, authentication: keyPlace(builtIn, settings.dialect) };
  if (key !== undefined) {
    const keySource = originOf(sources.origins, ["providers", id, "key"]) ?? { from: "configuration" };
    return { key, keySource, authentication: keyPlace(builtIn, settings.dialect) };
  }
  const signing = builtIn && signingOf(builtIn.authentication);
  if (builtIn !== undefined && signing !== undefined && Object.keys(credentials).length > 0) {
    const { values, source } = writtenCredentials(id, credentials, signing, sources);
    return { credentials: values, keySource: source, authentication: builtIn.authentication };
  }
  return undefined;
}

function pooledKeys(
  id: string,
  written: readonly WrittenKey[],
  { origins }: Sources,
): Pick<Proof, "key" | "keys" | "keySource"> | undefined {
  const keys = written.map(activeKey);
  const [first] = keys;
  if (first === undefined) return undefined;
  const at = typeof written[0] === "string" ? [0] : [0, "key"];
  return {
    key: first.key,
    keys,
    keySource: originOf(origins, ["providers", id, "keys", ...at]) ?? { from: "configuration" },
  };
}

function activeKey(written: WrittenKey, place: number): ActiveKey {
  const usual = { name: String(place + 1), weight: 1 };
  if (typeof written === "string") return Object.freeze({ ...usual, key: written });
  const { key, name = usual.name, weight, max_in_flight: maxInFlight } = written;
  return Object.freeze({ key, name, weight, ...(maxInFlight === undefined ? {} : { maxInFlight }) });
}

/** What the environment holds to prove who calls. */
function usualProof(builtIn: Provider, sources: CredentialSources): Proof | undefined {
  const usual = usualKey(builtIn, sources.environment);
  if (usual !== undefined) {
    const keySource = { from: "environment", variables: [usual.variable] } as const;
    return { key: usual.key, keySource, authentication: usual.isToken ? TOKEN : keyPlace(builtIn) };
  }
  const found = usualCredentials(builtIn, sources);
  if (found === undefined) return undefined;
  return { credentials: found.values, keySource: found.source, authentication: builtIn.authentication };
}

/** How a plain key travels: as the provider has it, or else the dialect that it is said to speak. */
function keyPlace(builtIn: Provider | undefined, dialect?: DialectId): Authentication {
  const authentication = builtIn?.authentication ?? usualAuthentication(dialect);
  return "key" in authentication ? authentication.key : authentication;
}
