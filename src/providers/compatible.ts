import type { DialectId } from "../model/dialect-id.ts";
import type { Feature } from "../model/loss.ts";
import type { Authentication, Endpoint } from "../model/provider.ts";
import type { FamilyQuirks } from "../model/quirks.ts";

/** What a server that is said to speak a dialect is taken to offer beside it. */
const ALSO: { readonly [D in DialectId]?: readonly DialectId[] } = Object.freeze({
  "openai-chat": ["openai-embeddings", "openai-completions", "rerank"],
});

/**
 * What such a server is not taken to know of its dialect, where the same can be had in words that every one knows: a
 * tool of free form as a function, a choice among some tools as a list of those alone.
 */
const LACKS: { readonly [D in DialectId]?: readonly Feature[] } = Object.freeze({
  "openai-chat": ["free-form-tools", "allowed-tools"],
  "openai-responses": ["free-form-tools", "allowed-tools"],
});

/** The quirks of a server of which only the dialect is known. */
export function compatibleQuirks(dialect: DialectId | undefined): readonly FamilyQuirks[] {
  const lacks = dialect === undefined ? undefined : LACKS[dialect];
  return lacks === undefined ? [] : [{ lacks }];
}

/** How a key travels to such a server, where the dialect's own vendor does it otherwise than as a bearer token. */
const AUTHENTICATION: { readonly [D in DialectId]?: Authentication } = Object.freeze({
  "anthropic-messages": { scheme: "header", name: "x-api-key" },
  gemini: { scheme: "header", name: "x-goog-api-key" },
});

/** How a key travels to a server of which only the dialect is known. */
export function usualAuthentication(dialect: DialectId | undefined): Authentication {
  return (dialect && AUTHENTICATION[dialect]) ?? { scheme: "bearer" };
}

/** The endpoints of a server of which only the dialect is known. */
export function compatibleEndpoints(dialect: DialectId): readonly Endpoint[] {
  return inDialects(dialect, ...(ALSO[dialect] ?? []));
}

/** Endpoints at each dialect's own paths. */
export function inDialects(...dialects: readonly DialectId[]): readonly Endpoint[] {
  return dialects.map((dialect) => ({ dialect }));
}

/** OpenAI's Responses as others serve them: tokens aren't counted there, so they are estimated here. */
export const RESPONSES: Endpoint = Object.freeze({
  dialect: "openai-responses",
  paths: { "count-tokens": false },
} satisfies Endpoint);

/** Anthropic's Messages as many serve it beside their own API: tokens aren't counted there, so they are estimated here. */
export function messagesAt(path: string): Endpoint {
  return { dialect: "anthropic-messages", paths: { chat: { whole: path }, "count-tokens": false } };
}
