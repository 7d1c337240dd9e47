import { expectedCost, isPriced } from "../ledger/prices/expected-cost.ts";
import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { Need } from "../model/condition.ts";
import type { Operation } from "../model/operation.ts";
import { roughBytes } from "../model/rough-tokens.ts";
import type { KnownCaller } from "../policy/identity/known-caller.ts";
import type { RequestFacts } from "../routing/request-facts.ts";
import { valueDigest } from "../routing/value-digest.ts";

/** A request that nobody makes, as it is described. */
export interface AskedRequest {
  readonly operation: Operation;
  readonly dialect: string;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly maxOutputTokens: number | undefined;
  readonly needs: readonly Need[];
  readonly endUser: string | undefined;
  readonly conversation: string | undefined;
  readonly headers: { readonly [name: string]: string };
}

/** What routes may go by of a request that is only described. `nowMs` is on routing's clock. */
export function askedFacts(
  request: AskedRequest,
  caller: KnownCaller,
  prices: PriceBook,
  nowMs: number,
): RequestFacts {
  const { inputTokens, headers } = request;
  const needs = new Set(request.needs);
  return {
    ...request,
    conversation: request.conversation === undefined ? undefined : valueDigest(request.conversation),
    nowMs,
    project: caller.project,
    keyId: caller.keyId,
    keyName: caller.keyName,
    tags: caller.tags ?? {},
    bodyBytes: roughBytes(inputTokens),
    roughInputTokens: inputTokens,
    needs,
    mayNeed: (need) => needs.has(need),
    cacheMs: undefined,
    policies: caller.policies,
    header(name) {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
      return value === undefined ? undefined : valueDigest(value);
    },
    isPriced: (target) => isPriced(prices, target, nowMs),
    cost: (target, cachedShare, outputTokens) =>
      expectedCost(prices, target, { inputTokens, cachedShare, outputTokens }, nowMs),
  };
}
