import type { DialectId } from "./dialect-id.ts";
import type { ErrorClass } from "./error-class.ts";

/** How a credential travels. */
export type Authentication =
  | { readonly scheme: "bearer" }
  | { readonly scheme: "header"; readonly name: string }
  | { readonly scheme: "none" };

/** What a vendor does otherwise than the dialect it speaks. Each is false unless a provider's file says so. */
export interface Quirks {
  /** Chat completions bound their output by `max_completion_tokens`; `max_tokens` is refused by some models. */
  readonly newOutputBound?: boolean;
}

/** How to reach one vendor: data only. What differs between vendors is a value here, never a test of a name. */
export interface Provider {
  readonly id: string;
  /** As people write it. */
  readonly title: string;
  readonly dialect: DialectId;
  readonly baseUrl: string;
  readonly authentication: Authentication;
  /** The environment variables that usually hold its key, first found wins. Empty for one that needs none. */
  readonly keyVariables: readonly string[];
  /** Its name in the price data, where that knows it. */
  readonly priceDataId?: string;
  /** Models that it serves whatever the price data says. */
  readonly models?: readonly string[];
  /** The model meant where a request names the provider alone. */
  readonly defaultModel?: string;
  readonly quirks?: Quirks;
  /** Vendor error codes (`error.code` or `error.type`) that mean something more precise than their status. */
  readonly errorClasses?: { readonly [vendorCode: string]: ErrorClass };
  /** Answers inside this process instead of over the network. */
  readonly local?: LocalProvider;
}

/** A provider that is part of Gatehouse: takes the request it would have been sent, gives the answer. */
export type LocalProvider = (body: Uint8Array, signal: AbortSignal) => Promise<Response>;
