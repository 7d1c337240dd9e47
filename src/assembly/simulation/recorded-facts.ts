import { PlainFacts } from "../../gateway/plain-facts.ts";
import type { PriceBook } from "../../ledger/prices/price-book.ts";
import type { Need } from "../../model/condition.ts";
import { roughTokens } from "../../model/rough-tokens.ts";
import type { MeasuredFacts } from "../../model/routing-record.ts";
import type { KnownCaller } from "../../policy/identity/known-caller.ts";
import type { RequestFacts } from "../../routing/request-facts.ts";
import type { RecordedCall } from "./recorded-call.ts";

const NO_NEEDS: ReadonlySet<Need> = new Set();

/** What a configuration may ask of a request that is kept only where a route had asked for it before. */
export const UNKNOWABLE = ["needs", "conversation", "header"] as const;

export type Unknowable = (typeof UNKNOWABLE)[number];

/** What routes may go by of a call that is long over, as far as its rows tell. */
export class RecordedFacts extends PlainFacts implements RequestFacts {
  /** What was asked for and is not known: taken to be nothing. */
  readonly unknown = new Set<Unknowable>();
  readonly #call: RecordedCall;
  readonly #measured: MeasuredFacts | undefined;
  #needs: ReadonlySet<Need> | undefined;

  constructor(call: RecordedCall, caller: KnownCaller, prices: PriceBook, nowMs: number) {
    super(caller, call, prices, nowMs);
    this.#call = call;
    this.#measured = call.routing?.facts;
  }

  get tags(): RequestFacts["tags"] {
    return this.#call.tags;
  }

  get endUser(): string | undefined {
    return this.#call.endUser;
  }

  /** Where nobody estimated it, what the provider counted is better than an estimate would be. */
  get inputTokens(): number {
    const counted = this.#call.attempts.find(({ usage }) => usage.inputTokens > 0)?.usage.inputTokens;
    return this.#measured?.inputTokens ?? counted ?? roughTokens(this.bodyBytes);
  }

  get roughInputTokens(): number {
    return this.#measured?.inputTokens ?? roughTokens(this.bodyBytes);
  }

  get maxOutputTokens(): number | undefined {
    return this.#measured?.maxOutputTokens;
  }

  get needs(): ReadonlySet<Need> {
    this.#needs ??= new Set(this.#known("needs", this.#measured?.needs) ?? NO_NEEDS);
    return this.#needs;
  }

  mayNeed(need: Need): boolean {
    return this.needs.has(need);
  }

  get conversation(): string | undefined {
    return this.#isOutlined ? this.#measured?.conversation : this.#known("conversation", undefined);
  }

  get cacheMs(): number | undefined {
    return this.#measured?.cacheMs;
  }

  header(name: string): string | undefined {
    const headers = this.#measured?.headers ?? {};
    return this.#known("header", Object.hasOwn(headers, name) ? headers[name] : undefined);
  }

  /** Needs and conversation are found together. */
  get #isOutlined(): boolean {
    return this.#measured?.needs !== undefined;
  }

  #known<Value>(what: Unknowable, value: Value | undefined): Value | undefined {
    if (value === undefined) this.unknown.add(what);
    return value;
  }
}
