import type { Authentication } from "../../model/provider.ts";
import type { RequestSigner } from "../../model/snapshot.ts";

/** One part of a credential. */
export interface CredentialField {
  readonly description: string;
  /** The environment variables that usually hold it, first found wins. */
  readonly variables: readonly string[];
  /** Variables that usually hold the path of a file with it. */
  readonly fileVariables?: readonly string[];
  /** True for a value that lends whoever writes it what is this machine's own: its identity, its files. */
  isOfMachine?(value: string): boolean;
  /** An address in the value, where something is asked for. */
  addressIn?(value: string): string | undefined;
  /** Why a value can't be one, never quoting it; undefined where it can. */
  fault?(value: string): string | undefined;
}

/** What a signer is made of. */
export interface SigningContext<A extends Authentication = Authentication> {
  /** For sentences. */
  readonly provider: string;
  readonly authentication: A;
  /** By the names of the scheme's fields: those of one way. */
  readonly credentials: { readonly [name: string]: string };
  /** The provider's options, such as its region. */
  readonly options: { readonly [name: string]: string };
  /** Origins that may be called wherever their names lead. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** HTTP proxy through which tokens, and AWS's keys from STS, are fetched. The machine's own addresses are asked directly. */
  readonly proxy?: string;
}

/** Fields that make a credential together. */
export interface CredentialWay {
  readonly needs: readonly string[];
  /** What may be beside them. */
  readonly takes?: readonly string[];
}

/** A way to prove who calls that needs more than a key: the parts of its credential, and how they are put to use. */
export interface SigningScheme<A extends Authentication = Authentication> {
  readonly fields: { readonly [name: string]: CredentialField };
  /** In the order of preference. */
  readonly ways: readonly CredentialWay[];
  /** Options of the provider without which it can't work. */
  readonly options: readonly string[];
  open(context: SigningContext<A>): RequestSigner;
}
