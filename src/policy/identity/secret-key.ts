/** What a key opens: models (`gh_`), or administration (`gha_`). */
export type KeyKind = "virtual" | "admin";

/** A browser token (`ght_`) opens models too, for a while. */
export type CredentialKind = KeyKind | "token";

const PREFIXES: { readonly [K in KeyKind]: string } = { virtual: "gh_", admin: "gha_" };

/** What every browser token begins with. */
export const TOKEN_PREFIX = "ght_";
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 6;

/** A key just made. `secret` is shown to its owner once and kept nowhere. */
export interface NewKey {
  readonly secret: string;
  readonly digest: string;
  /** Enough of it to recognise it by, far too little to guess it. */
  readonly prefix: string;
}

/** Makes a key of 256 random bits. */
export function makeKey(kind: KeyKind): NewKey {
  const random = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const secret = PREFIXES[kind] + Buffer.from(random).toString("base64url");
  return {
    secret,
    digest: digestOf(secret),
    prefix: secret.slice(0, PREFIXES[kind].length + SHOWN_CHARACTERS),
  };
}

/** Which kind of credential a text claims to be, or undefined where it is none of ours. */
export function kindOf(secret: string): CredentialKind | undefined {
  if (secret.startsWith(TOKEN_PREFIX)) return "token";
  if (secret.startsWith(PREFIXES.admin)) return "admin";
  return secret.startsWith(PREFIXES.virtual) ? "virtual" : undefined;
}

/** What is stored in a key's place: SHA-256, hex. A key of 256 random bits needs no salt and no slow hash. */
export function digestOf(secret: string): string {
  return Bun.SHA256.hash(secret, "hex");
}
