import type { Answer } from "../egress/answer.ts";
import { type CostFacts, costFacts } from "../ledger/cost-facts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PriceBook, PricedCost } from "../ledger/prices/price-book.ts";
import type { AttemptClosing, AttemptOpening, Outcome, RequestOpening } from "../model/attempt.ts";
import type { AnswerFacts } from "../model/dialect.ts";
import type { GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import { nanoDollars } from "../model/money.ts";
import type { Target } from "../model/snapshot.ts";
import { NO_USAGE, type Usage } from "../model/usage.ts";
import type { Writable } from "../model/writable.ts";
import type { Ticket } from "../routing/target-state.ts";
import type { AttemptGuard } from "./attempt-guard.ts";
import { estimateOutput, estimateUsage } from "./estimate-usage.ts";

/** Providers' words are short; a row holds this much of one. */
const MAX_TIER_CHARACTERS = 64;

const NO_COST: CostFacts = { cost: nanoDollars(0), billed: nanoDollars(0) };
const UNPRICED: CostFacts = {};

/** How an attempt ended, as far as the relay can tell. */
export interface AttemptEnd {
  readonly failure?: GatewayError;
  readonly facts?: AnswerFacts;
  readonly answerBytes?: number;
  /** The answer was ended because a budget could not pay for more of it. */
  readonly wasCutShort?: boolean;
}

/** What an attempt holds while it is under way. */
export interface AttemptHolds {
  readonly target: Target;
  /** Its place with the target, by which routing learns how it went. */
  readonly ticket: Ticket;
  readonly guard: AttemptGuard;
}

/** What it is written to, and priced by. */
interface AttemptBooks {
  readonly ledger: Ledger;
  readonly prices: PriceBook;
}

/** One attempt, from its row, written before a byte is sent, to exactly one end. */
export class AttemptRecord {
  readonly opening: AttemptOpening;
  readonly target: Target;
  readonly guard: AttemptGuard;
  readonly #ticket: Ticket;
  readonly #prices: PriceBook;
  readonly #ledger: Ledger;
  readonly #request: InferenceRequest;
  readonly #startedAtMs = performance.now();
  #closing: AttemptClosing | undefined;
  upstreamStatus: number | undefined;
  firstTokenMs: number | undefined;

  constructor(
    opening: AttemptOpening,
    { target, ticket, guard }: AttemptHolds,
    request: InferenceRequest,
    { ledger, prices }: AttemptBooks,
  ) {
    this.opening = opening;
    this.target = target;
    this.guard = guard;
    this.#ticket = ticket;
    this.#request = request;
    this.#ledger = ledger;
    this.#prices = prices;
  }

  /** Writes the row. Nothing may be sent before this resolves. */
  open(request: RequestOpening): Promise<void> {
    return this.#ledger.open(request, this.opening);
  }

  /** The head of the answer is here. `nowMs` is on routing's clock. */
  noteHead(answer: Answer, nowMs: number): void {
    this.upstreamStatus = answer.status;
    this.#ticket.answered(answer, nowMs);
  }

  /** The first meaningful part of the answer is here. */
  noteFirstToken(): void {
    this.firstTokenMs ??= performance.now() - this.#startedAtMs;
  }

  /** Ends the attempt. A second end changes nothing and gives the first. `nowMs` is on routing's clock. */
  close(end: AttemptEnd, nowMs: number): AttemptClosing {
    if (this.#closing !== undefined) return this.#closing;
    const closing = this.#account(end);
    const { firstTokenMs, totalMs, usage } = closing;
    const { stream } = this.#request;
    this.#ticket.end({ failure: end.failure, firstTokenMs, totalMs, usage, stream }, nowMs);
    return closing;
  }

  #account(end: AttemptEnd): AttemptClosing {
    const { failure, facts } = end;
    const { opening } = this;
    const usage = this.#usage(end);
    const serviceTier = facts?.serviceTier?.slice(0, MAX_TIER_CHARACTERS);
    const price = this.#generates ? this.#price(usage, serviceTier) : undefined;
    const closing: Writable<AttemptClosing> = {
      attemptId: opening.attemptId,
      outcome: end.wasCutShort === true ? "blocked" : outcomeOf(failure),
      usage,
      priceBookVersion: this.#prices.version,
      totalMs: performance.now() - this.#startedAtMs,
      answerBytes: end.answerBytes ?? 0,
    };
    if (this.upstreamStatus !== undefined) closing.upstreamStatus = this.upstreamStatus;
    if (failure?.errorClass !== undefined) closing.errorClass = failure.errorClass;
    if (failure !== undefined) closing.errorCode = failure.code;
    else if (end.wasCutShort === true) closing.errorCode = "budget_exhausted";
    if (facts?.finishReason !== undefined) closing.finishReason = facts.finishReason;
    if (serviceTier !== undefined) closing.serviceTier = serviceTier;
    const { cost, billed, priceSheet, cacheSavings } = this.#costs(price, usage);
    if (cost !== undefined) closing.cost = cost;
    if (billed !== undefined) closing.billed = billed;
    if (priceSheet !== undefined) closing.priceSheet = priceSheet;
    if (cacheSavings !== undefined) closing.cacheSavings = cacheSavings;
    if (this.firstTokenMs !== undefined) closing.firstTokenMs = this.firstTokenMs;
    this.#closing = closing;
    this.#ledger.close(closing, price?.sheet);
    return closing;
  }

  /** Counting tokens runs no model: providers take nothing for it, whatever the model costs. */
  get #generates(): boolean {
    return this.#request.operation !== "count-tokens";
  }

  #costs(price: PricedCost | undefined, usage: Usage): CostFacts {
    if (!this.#generates) return NO_COST;
    return price === undefined ? UNPRICED : costFacts(price, usage, this.opening.markup);
  }

  #price(usage: Usage, serviceTier: string | undefined): PricedCost | undefined {
    const { provider } = this.target.upstream;
    const terms = serviceTier === undefined ? undefined : { serviceTier };
    return this.#prices.cost(provider, this.target.model, usage, this.opening.startedAtMs, terms);
  }

  /**
   * What is charged. A refusal, or a connection never made, consumed nothing; whatever else went wrong is charged as
   * the prompt and the output that was delivered, since the provider may bill it.
   */
  #usage({ failure, facts }: AttemptEnd): Usage {
    if (!this.#generates) return { ...NO_USAGE, source: "reported" };
    if (facts?.usage !== undefined)
      return isPartial(failure, facts) ? delivered(facts.usage, facts) : facts.usage;
    const refused = this.upstreamStatus !== undefined && this.upstreamStatus >= 400;
    const neverRan = failure !== undefined && (refused || this.#neverSent(failure));
    return neverRan ? NO_USAGE : estimateUsage(this.#request, facts);
  }

  /** No connection was made, or no proof of who calls could be had for it. */
  #neverSent({ code }: GatewayError): boolean {
    if (code === "upstream_unreachable") return true;
    return code === "upstream_authentication" && this.upstreamStatus === undefined;
  }
}

/** Some providers tell of the usage before the answer, or on its way. */
function isPartial(failure: GatewayError | undefined, { finishReason }: AnswerFacts): boolean {
  return failure !== undefined && finishReason === undefined;
}

/** Of an answer that broke off, what was told of its input, and the output that was delivered. */
function delivered(usage: Usage, facts: AnswerFacts): Usage {
  const outputTokens = estimateOutput(facts);
  return outputTokens <= usage.outputTokens ? usage : { ...usage, outputTokens, source: "estimated" };
}

/** What an end counts as. */
export function outcomeOf(failure: GatewayError | undefined): Outcome {
  if (failure === undefined) return "ok";
  switch (failure.code) {
    case "client_closed":
      return "cancelled";
    case "draining":
      return "interrupted";
    default:
      return failure.source === "policy" ? "blocked" : "failed";
  }
}
