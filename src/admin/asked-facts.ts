import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { Need } from "../model/condition.ts";
import type { NanoDollars } from "../model/money.ts";
import type { Operation } from "../model/operation.ts";
import type { Target } from "../model/snapshot.ts";
import { NO_USAGE } from "../model/usage.ts";
import type { KnownCaller } from "../policy/identity/known-caller.ts";
import type { RequestFacts } from "../routing/request-facts.ts";
import { valueDigest } from "../routing/value-digest.ts";

const BYTES_PER_TOKEN = 4;

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
    bodyBytes: inputTokens * BYTES_PER_TOKEN,
    roughInputTokens: inputTokens,
    needs,
    mayNeed: (need) => needs.has(need),
    cacheMs: undefined,
    policies: caller.policies.map(({ policy }) => policy),
    header(name) {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
      return value === undefined ? undefined : valueDigest(value);
    },
    isPriced: ({ upstream, model }: Target) => prices.price(upstream.provider, model, nowMs) !== undefined,
    cost({ upstream, model }: Target, cachedShare: number, outputTokens: number): NanoDollars | undefined {
      const cachedInputTokens = Math.round(inputTokens * cachedShare);
      const usage = { ...NO_USAGE, inputTokens, cachedInputTokens, outputTokens };
      return prices.cost(upstream.provider, model, usage, nowMs)?.cost;
    },
  };
}
