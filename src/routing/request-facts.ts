import type { Need } from "../model/condition.ts";
import type { NanoDollars } from "../model/money.ts";
import type { Operation } from "../model/operation.ts";
import type { ScopedPolicy } from "../model/policy.ts";
import type { Target } from "../model/snapshot.ts";

/**
 * All that a route's choice may depend on, of one request. Whoever implements it works out the dear ones (the length
 * of the prompt, what it needs, its conversation) when they are asked for: most routes ask for none of them.
 */
export interface RequestFacts {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly project: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly tags: { readonly [name: string]: string };
  readonly operation: Operation;
  /** The client's wire format. */
  readonly dialect: string;
  readonly stream: boolean;
  readonly endUser: string | undefined;
  /** How long the request is as it came. */
  readonly bodyBytes: number;
  /** How long the prompt is, estimated. */
  readonly inputTokens: number;
  /** The same where it need not be exact, and so costs nothing to ask. */
  readonly roughInputTokens: number;
  /** The bound that the client set on the answer. */
  readonly maxOutputTokens: number | undefined;
  readonly needs: ReadonlySet<Need>;
  /** Whether the request can need that at all: a look at its bytes, where `needs` decodes it. */
  mayNeed(need: Need): boolean;
  /** A digest of what the turns of one conversation have in common. Undefined where there is none. */
  readonly conversation: string | undefined;
  /** How long the request asks the provider's cache to keep its beginning, in milliseconds. Undefined: as usual. */
  readonly cacheMs: number | undefined;
  /** The policies over the caller: all of them hold. */
  readonly policies: readonly ScopedPolicy[];
  /** A digest of the value of a request header, by its lower-case name. */
  header(name: string): string | undefined;
  /** Whether it is known what calls there cost. */
  isPriced(target: Target): boolean;
  /**
   * What the request may be expected to cost there, of whose input `cachedShare` (0 to 1) will be cache hits and which
   * answers with so many tokens. Undefined where that has no price.
   */
  cost(target: Target, cachedShare: number, outputTokens: number): NanoDollars | undefined;
}
