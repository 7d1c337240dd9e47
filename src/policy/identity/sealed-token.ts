import { createHmac, timingSafeEqual } from "node:crypto";
import type { PolicyDocument } from "../document/policy-schema.ts";
import { TOKEN_PREFIX } from "./secret-key.ts";

/** The longest browser token there is: it must pass as a header wherever headers pass. */
export const MAX_TOKEN_LENGTH = 4096;

/** What a browser token says. Whoever holds it can read this, and nobody can change it. */
export interface TokenClaims {
  readonly id: string;
  /** The key that minted it. */
  readonly key: string;
  /** Whom it is for, as the backend calls that user. */
  readonly user: string;
  readonly policy: PolicyDocument;
  /** Milliseconds since 1970. */
  readonly issued: number;
  readonly expires: number;
}

/** A browser token taken apart, not yet known to be genuine. */
export interface SealedToken {
  readonly claims: TokenClaims;
  /** What the seal is over. */
  readonly text: string;
  readonly seal: Buffer;
}

/**
 * Writes a browser token: its claims, and a seal over them (HMAC with SHA-256, RFC 2104) by a key of this gateway's.
 * The seal is also over the digest of the very secret that minted it, so that a token ends with that secret.
 */
export function sealToken(claims: TokenClaims, sealingKey: Buffer, secretDigest: string): string {
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${TOKEN_PREFIX}${text}.${sealOf(text, sealingKey, secretDigest).toString("base64url")}`;
}

/** Takes a token apart; undefined for what can't be one of ours. */
export function openToken(token: string): SealedToken | undefined {
  if (token.length > MAX_TOKEN_LENGTH || !FORM.test(token)) return undefined;
  const [text = "", seal = ""] = token.slice(TOKEN_PREFIX.length).split(".");
  const claims = claimsIn(text);
  return claims === undefined ? undefined : { claims, text, seal: Buffer.from(seal, "base64url") };
}

/** 43 characters of a seal of 32 bytes; the last one carries four bits, so other letters would mean the same. */
const FORM = /^ght_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Whether a token was minted here with the secret of that digest, and not changed since. */
export function isGenuine({ text, seal }: SealedToken, sealingKey: Buffer, secretDigest: string): boolean {
  return timingSafeEqual(seal, sealOf(text, sealingKey, secretDigest));
}

function sealOf(text: string, sealingKey: Buffer, secretDigest: string): Buffer {
  return createHmac("sha256", sealingKey).update(`${secretDigest}.${text}`).digest();
}

/** Only read for the key's id before the seal is judged, so it is enough that the members are there. */
function claimsIn(text: string): TokenClaims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return isClaims(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is TokenClaims {
  if (typeof value !== "object" || value === null) return false;
  const claims: { readonly [Member in keyof TokenClaims]?: unknown } = value;
  return (
    typeof claims.id === "string" &&
    typeof claims.key === "string" &&
    typeof claims.user === "string" &&
    typeof claims.policy === "object" &&
    typeof claims.issued === "number" &&
    typeof claims.expires === "number"
  );
}
