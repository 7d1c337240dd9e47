/**
 * What a client names its calls by (a header, a cache key), as routes know it: the same for the same, and what is kept of
 * it is short and tells nobody what it was.
 */
export function valueDigest(value: string): string {
  return Bun.hash.wyhash(value).toString(36);
}
