import type { DialectId } from "../model/dialect-id.ts";
import type { Authentication, Endpoint } from "../model/provider.ts";

/** What a server that is said to speak a dialect is taken to offer beside it. */
const ALSO: { readonly [D in DialectId]?: readonly DialectId[] } = Object.freeze({});

/** How a key travels to such a server, where the dialect's own vendor does it otherwise than as a bearer token. */
const AUTHENTICATION: { readonly [D in DialectId]?: Authentication } = Object.freeze({
  "anthropic-messages": { scheme: "header", name: "x-api-key" },
});

/** How a key travels to a server of which only the dialect is known. */
export function usualAuthentication(dialect: DialectId | undefined): Authentication {
  return (dialect && AUTHENTICATION[dialect]) ?? { scheme: "bearer" };
}

/** The endpoints of a server of which only the dialect is known. */
export function compatibleEndpoints(dialect: DialectId): readonly Endpoint[] {
  return [dialect, ...(ALSO[dialect] ?? [])].map((spoken) => ({ dialect: spoken }));
}
