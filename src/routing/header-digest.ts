/**
 * A request header's value as routes know it: calls that bring the same belong together, and what is kept of them tells
 * nobody what it was.
 */
export function headerDigest(value: string): string {
  return Bun.hash.wyhash(value).toString(36);
}
