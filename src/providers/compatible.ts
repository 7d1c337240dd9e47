import type { DialectId } from "../model/dialect-id.ts";
import type { Endpoint } from "../model/provider.ts";

/** What a server that is said to speak a dialect is taken to offer beside it. */
const ALSO: { readonly [D in DialectId]?: readonly DialectId[] } = Object.freeze({
  "openai-chat": ["openai-embeddings", "openai-completions"],
});

/** The endpoints of a server of which only the dialect is known. */
export function compatibleEndpoints(dialect: DialectId): readonly Endpoint[] {
  return [dialect, ...(ALSO[dialect] ?? [])].map((spoken) => ({ dialect: spoken }));
}
