/** Tells whether a name fits one of the patterns it was made from. */
export type NameMatcher = (name: string) => boolean;

/**
 * A matcher for patterns in which `*` stands for any run of characters (`openai/*`, `*-mini`). Matching is by parts in
 * order, so its time is linear whatever the pattern: no regular expression is made of stored text.
 */
export function nameMatcher(patterns: readonly string[]): NameMatcher {
  const split = patterns.map((pattern) => pattern.split("*"));
  return (name) => split.some((parts) => matches(parts, name));
}

function matches(parts: readonly string[], name: string): boolean {
  const first = parts[0] ?? "";
  const last = parts[parts.length - 1] ?? "";
  if (parts.length === 1) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  const limit = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > limit) return false;
    at = found + part.length;
  }
  return true;
}
