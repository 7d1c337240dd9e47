import type { AdminRole } from "./admin-role.ts";
import type { ScopedPolicy } from "./policy.ts";

declare const nonEmpty: unique symbol;

/** Text that is proven not to be empty, so that an identity can't be blank. */
export type NonEmpty = string & { readonly [nonEmpty]: true };

/** Proves that a text is not empty. Throws if it is. */
export function nonEmptyText(text: string): NonEmpty {
  if (text.trim() === "") throw new RangeError("an identity must not be empty");
  return text as NonEmpty;
}

/** The browser token that a call came with: minted with a key, for one end user, for a while. */
export interface BrowserToken {
  readonly id: NonEmpty;
  readonly endUser: string;
  /** Milliseconds since 1970: from then on it opens nothing. */
  readonly expiresAtMs: number;
}

/** The identity behind a call: one virtual key of one project, itself or by a browser token that it minted. */
export interface Caller {
  readonly project: NonEmpty;
  readonly keyId: NonEmpty;
  readonly keyName: string;
  /** Absent where the key itself was sent. */
  readonly token?: BrowserToken;
  /** All the policies over the caller, the widest first: project, key, token. */
  readonly policies: readonly ScopedPolicy[];
  /** What the key is marked with, for routing and reports; absent where it has none. */
  readonly tags?: { readonly [name: string]: string };
  /** What the project is billed for a dollar of cost, as an exact decimal such as `1.2`; absent means the dollar. */
  readonly markup?: string;
}

/** The identity behind administration: an admin key. */
export interface Administrator {
  readonly keyId: NonEmpty;
  readonly keyName: string;
  readonly role: AdminRole;
}
