import type { Authentication } from "../../model/provider.ts";
import type { RequestSigner } from "../../model/snapshot.ts";
import { aws } from "./aws.ts";
import { entra } from "./entra.ts";
import { google } from "./google.ts";
import type { CredentialField, CredentialWay, SigningContext, SigningScheme } from "./signing-scheme.ts";

export type { CredentialField, CredentialWay } from "./signing-scheme.ts";

/** One provider's way to prove who calls: what it needs, and the signer made of that. */
export interface Signing {
  readonly fields: { readonly [name: string]: CredentialField };
  /** Which of them make a credential together, in the order of preference. */
  readonly ways: readonly CredentialWay[];
  /** Options of the provider without which it can't work. */
  readonly options: readonly string[];
  open(context: Omit<SigningContext, "authentication">): RequestSigner;
}

/** How the authentication's proofs are worked out; undefined where a key is all there is to it. */
export function signingOf(authentication: Authentication): Signing | undefined {
  switch (authentication.scheme) {
    case "aws":
      return signing(aws, authentication);
    case "google":
      return signing(google, authentication);
    case "entra":
      return signing(entra, authentication);
    case "bearer":
    case "header":
    case "none":
      return undefined;
  }
}

function signing<A extends Authentication>(scheme: SigningScheme<A>, authentication: A): Signing {
  const { fields, ways, options } = scheme;
  return { fields, ways, options, open: (context) => scheme.open({ ...context, authentication }) };
}
