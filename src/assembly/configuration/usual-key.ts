import type { Environment } from "../../config/expand-references.ts";
import type { Provider } from "../../model/provider.ts";

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
