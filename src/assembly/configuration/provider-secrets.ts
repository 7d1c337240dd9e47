/** Secrets that were entered for providers and are kept encrypted: by provider, then by the origin each was entered for. */
export type ProviderSecrets = ReadonlyMap<string, ReadonlyMap<string, string>>;

export const NO_SECRETS: ProviderSecrets = new Map();

/** The secret that was entered for a provider at the origin of this address; undefined where there is none. */
export function secretFor(
  secrets: ProviderSecrets,
  provider: string,
  baseUrl: string | undefined,
): string | undefined {
  const origin = baseUrl === undefined ? undefined : URL.parse(baseUrl)?.origin;
  return origin === undefined ? undefined : secrets.get(provider)?.get(origin);
}
