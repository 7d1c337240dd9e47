import type { DialectId } from "../model/dialect-id.ts";

/** Headers by which clients of a dialect are known on paths that several dialects share. */
const MARKS: readonly (readonly [header: string, dialect: DialectId])[] = [
  ["anthropic-version", "anthropic-messages"],
  ["x-goog-api-key", "gemini"],
];

/** The dialect that a client speaks: the one that its headers tell, else the path's usual one. */
export function clientDialect(headers: Headers, usual: DialectId): DialectId {
  for (const [header, dialect] of MARKS) if (headers.has(header)) return dialect;
  return usual;
}
