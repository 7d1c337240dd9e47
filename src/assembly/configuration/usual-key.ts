import type { Environment } from "../../config/expand-references.ts";
import { signingOf } from "../../egress/signing/index.ts";
import type { Provider } from "../../model/provider.ts";
import { type CredentialSources, usualCredentials } from "./provider-credentials.ts";
import { missingOptions, optionValues, withOptions } from "./provider-options.ts";
import { secretFor } from "./provider-secrets.ts";
import { usualAddress } from "./usual-address.ts";

/** The key of a built-in provider as its usual environment variable holds it. */
export interface UsualKey {
  readonly variable: string;
  readonly key: string;
  /** True for a token that is sent as `Authorization: Bearer`, however the provider's keys travel. */
  readonly isToken: boolean;
}

/** The first of a provider's usual variables that is set. Blanks around the key, which a paste leaves, are dropped. */
export function usualKey(provider: Provider, environment: Environment): UsualKey | undefined {
  const tokenVariables = provider.tokenVariables ?? [];
  for (const variable of [...provider.keyVariables, ...tokenVariables]) {
    const key = environment[variable]?.trim();
    if (key) return { variable, key, isToken: tokenVariables.includes(variable) };
  }
  return undefined;
}

/** True for a provider that can't be called without a key. A server of the operator's own has one or not. */
export function needsKey(provider: Provider): boolean {
  return provider.authentication.scheme !== "none" && provider.addressVariables === undefined;
}

/** The secret that was entered for a built-in provider at its own address. */
function enteredKey(provider: Provider, { environment, secrets }: CredentialSources): string | undefined {
  const baseUrl = withOptions(provider.baseUrl, optionValues(provider, {}, environment));
  return secretFor(secrets, provider.id, baseUrl);
}

/** True for a built-in provider that can be called by what the environment holds, or was entered for it, alone. */
export function isUsable(provider: Provider, sources: CredentialSources): boolean {
  const { environment } = sources;
  if (provider.addressVariables !== undefined) {
    return usualAddress(provider, environment)?.baseUrl !== undefined;
  }
  const key = usualKey(provider, environment)?.key ?? enteredKey(provider, sources);
  const credentials = key === undefined ? usualCredentials(provider, sources) : undefined;
  if (needsKey(provider) && key === undefined && credentials === undefined) return false;
  const needed = credentials === undefined ? [] : (signingOf(provider.authentication)?.options ?? []);
  const options = optionValues(provider, {}, environment);
  return missingOptions(provider, provider.baseUrl, options, needed).length === 0;
}

/** What to set for a provider to be usable, as a sentence's part. */
export function usualVariables(provider: Provider): string {
  const signing = signingOf(provider.authentication);
  const parts = (signing?.ways[0]?.needs ?? []).map((name) => {
    const { variables = [], fileVariables = [] } = signing?.fields[name] ?? {};
    return [...variables, ...fileVariables][0] ?? "";
  });
  const credentials = parts.length === 0 ? [] : [parts.join(" and ")];
  return [...provider.keyVariables, ...credentials].join(" or ");
}
