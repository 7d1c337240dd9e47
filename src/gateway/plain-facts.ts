import { expectedCost, isPriced } from "../ledger/prices/expected-cost.ts";
import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { Caller } from "../model/caller.ts";
import type { NanoDollars } from "../model/money.ts";
import type { Operation } from "../model/operation.ts";
import type { ScopedPolicy } from "../model/policy.ts";
import type { Target } from "../model/snapshot.ts";

/** What a request says of itself, whether it is under way or long over. */
interface AnyRequest {
  readonly operation: Operation;
  readonly dialect: string;
  readonly stream: boolean;
  readonly bodyBytes: number;
}

/** Those of `RequestFacts` that nothing has to be worked out for: who calls, what kind of call it is, and prices. */
export abstract class PlainFacts {
  readonly nowMs: number;
  readonly #caller: Caller;
  readonly #request: AnyRequest;
  readonly #prices: PriceBook;

  constructor(caller: Caller, request: AnyRequest, prices: PriceBook, nowMs: number) {
    this.#caller = caller;
    this.#request = request;
    this.#prices = prices;
    this.nowMs = nowMs;
  }

  abstract get inputTokens(): number;

  get policies(): readonly ScopedPolicy[] {
    return this.#caller.policies;
  }

  get project(): string {
    return this.#caller.project;
  }

  get keyId(): string {
    return this.#caller.keyId;
  }

  get keyName(): string {
    return this.#caller.keyName;
  }

  get operation(): Operation {
    return this.#request.operation;
  }

  get dialect(): string {
    return this.#request.dialect;
  }

  get stream(): boolean {
    return this.#request.stream;
  }

  get bodyBytes(): number {
    return this.#request.bodyBytes;
  }

  isPriced(target: Target): boolean {
    return isPriced(this.#prices, target, this.nowMs);
  }

  cost(target: Target, cachedShare: number, outputTokens: number): NanoDollars | undefined {
    const use = { inputTokens: this.inputTokens, cachedShare, outputTokens };
    return expectedCost(this.#prices, target, use, this.nowMs);
  }
}
