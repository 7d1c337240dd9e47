const RANGE = 2 ** 32;

/**
 * A number for a name under a key, the lowest of which wins. Each key ranks all names in an order of its own
 * (rendezvous hashing, Thaler and Ravishankar 1998), so when a name leaves only its own keys move, and each name wins
 * a share of the keys in proportion to its weight.
 */
export function rendezvousScore(key: string, name: string, weight: number): number {
  return -Math.log(hashShare(`${key}\n${name}`)) / weight;
}

/** A text as a number above 0 and below 1, evenly spread. */
export function hashShare(text: string): number {
  return (Bun.hash.xxHash32(text) + 0.5) / RANGE;
}
