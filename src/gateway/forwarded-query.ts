/** An address with those of a query's parameters that go on to a provider, behind what it has of its own. */
export function withForwardedQuery(url: string, query: URLSearchParams, names: readonly string[]): string {
  const kept = new URLSearchParams();
  for (const name of names) for (const value of query.getAll(name)) kept.append(name, value);
  if (kept.size === 0) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${kept}`;
}
