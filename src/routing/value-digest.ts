/**
 * What a client names its calls by (a header, a cache key), as routes know it: the same for the same, on every process
 * and after every restart, and short. It is no secret: it has no key, so whoever reads rows can find out a value that can
 * be guessed by trying, and with some work another of the same digest. It only keeps what clients write from standing
 * there to be read.
 */
export function valueDigest(value: string): string {
  return Bun.hash.wyhash(value).toString(36);
}
