import type { AttemptClosing, RequestClosing, RequestOpening } from "../model/attempt.ts";
import { CANARY_ARM } from "../model/canary-arm.ts";
import type { Receipt } from "../model/dialect.ts";
import { asGatewayError, GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import { NO_COST, nanoDollars } from "../model/money.ts";
import type { Route, Snapshot, Target, Timeouts, TranslationMode } from "../model/snapshot.ts";
import { isTargetName } from "../model/target-name.ts";
import type { Writable } from "../model/writable.ts";
import type { Admission } from "../policy/admission.ts";
import type { BudgetHold } from "../policy/budgets/budget-hold.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import type { Plan } from "../routing/plan.ts";
import type { Rollout } from "../routing/rollout/rollout.ts";
import type { Ticket } from "../routing/target-state.ts";
import type { StreamAllowance } from "./admission/stream-allowance.ts";
import { type AttemptEnd, AttemptRecord, outcomeOf } from "./attempt-record.ts";
import { BodyRecorder } from "./body-recorder.ts";
import { CallGuard } from "./call-guard.ts";
import { ChoiceRecord } from "./choice-record.ts";
import { ContentSample } from "./content-sample.ts";
import { FactsOfCall } from "./facts-of-call.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { attemptOpening, requestOpening } from "./openings.ts";
import type { Parts } from "./parts.ts";
import { noteStoredResponse } from "./stored-response.ts";

const NO_WARNINGS: readonly string[] = [];
const NO_HEADERS: { readonly [name: string]: string } = Object.freeze({});

/** An attempt whose place with its target is taken. */
interface BegunAttempt {
  readonly target: Target;
  readonly ticket: Ticket;
  readonly timeouts: Timeouts;
}

/**
 * One call from its key to its settlement: the only owner of what the call holds (its place, its attempt's row, its
 * timers). Whatever way the call takes, it ends in `settle`, and what a second end would do has been done.
 */
export class LiveCall {
  readonly incoming: IncomingCall;
  readonly caller: KnownCaller;
  readonly snapshot: Snapshot;
  readonly parts: Parts;
  readonly guard: CallGuard;
  readonly content: ContentSample | undefined;
  readonly recorder: BodyRecorder | undefined;
  #request: InferenceRequest | undefined;
  #admission: Admission | undefined;
  #allowance: StreamAllowance | undefined;
  #outputBound: number | undefined;
  #routeAlias = "";
  #arm: string | undefined;
  #rollout: Rollout | undefined;
  #plan: Plan | undefined;
  #facts: FactsOfCall | undefined;
  /** Undefined where there is nothing to choose. */
  #choice: ChoiceRecord | undefined;
  /** Attempts under way: one, or two where the first is hedged. */
  readonly #open: AttemptRecord[] = [];
  /** The attempt whose answer the client gets. */
  #winner: AttemptRecord | undefined;
  /** What attempts have cost that broke the client's answer off. */
  #costBefore = 0;
  #ordinal = 0;
  #attempts = 0;
  #firstTokenMs: number | undefined;
  #openingRecord: RequestOpening | undefined;
  #settled = false;
  #warnings: readonly string[] = NO_WARNINGS;
  readonly #admissionWarnings: string[] = [];
  /** What the client is told of the choice of its target, where it asked and may know. */
  explanationHeader: { readonly [name: string]: string } = NO_HEADERS;
  /** What is done where the route's targets can't carry out what was asked. */
  translation: TranslationMode;

  constructor(incoming: IncomingCall, caller: KnownCaller, snapshot: Snapshot, parts: Parts) {
    this.incoming = incoming;
    this.caller = caller;
    this.snapshot = snapshot;
    this.translation = snapshot.translation;
    this.parts = parts;
    this.guard = new CallGuard(parts.ticker, incoming);
    this.content = parts.recordsContent(caller.project) ? new ContentSample() : undefined;
    this.recorder = this.#makeRecorder();
    parts.liveCalls.add(this);
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The request, once it has been read. */
  get request(): InferenceRequest {
    if (this.#request === undefined) throw new Error("the request has not been read yet");
    return this.#request;
  }

  read(request: InferenceRequest): void {
    this.#request = request;
  }

  /** What an attempt does otherwise than it was asked: the client is told the winner's, or else the last one's. */
  noteWarnings(attempt: AttemptRecord, warnings: readonly string[]): void {
    if (this.#winner !== undefined && this.#winner !== attempt) return;
    this.#warnings =
      this.#admissionWarnings.length === 0 ? warnings : [...this.#admissionWarnings, ...warnings];
  }

  /** Something that was done otherwise than it was asked, once the client has been told of the rest. */
  addWarnings(warnings: readonly string[]): void {
    if (warnings.length > 0) this.#warnings = [...this.#warnings, ...warnings];
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Takes over what the caller was granted. */
  admit(admission: Admission): void {
    this.#admission = admission;
  }

  /** The route that the call takes, and the arm of it. */
  takeRoute({ alias, arm, translation }: Route): void {
    this.#routeAlias = alias;
    this.#arm = arm;
    this.translation = translation;
  }

  /** The canary that is to learn from how the call goes. */
  watch(rollout: Rollout | undefined): void {
    this.#rollout = rollout;
  }

  /** What the choice of a way and of a target goes by; what had to be worked out of it is told in the record. */
  get facts(): FactsOfCall {
    this.#facts ??= this.#makeFacts();
    return this.#facts;
  }

  /** What the attempts are made by, for the record. */
  follow(plan: Plan): Plan {
    this.#plan = plan;
    return plan;
  }

  /** Takes over money that was set aside. */
  holdMoney(hold: BudgetHold): void {
    // The client may have left while the budget was asked.
    if (this.#settled || this.#admission === undefined) hold.void();
    else this.#admission.holdMoney(hold);
  }

  /** A stream may go on only as long as its output is paid for. */
  allow(make: (admission: Admission) => StreamAllowance): void {
    if (this.#admission !== undefined) this.#allowance = make(this.#admission);
  }

  /** Whether the budgets can pay for an attempt more: after one that failed, or beside one that is under way. */
  canPayAnother(isBeside: boolean): boolean {
    return this.#admission?.coverAnother(isBeside, Date.now()) ?? true;
  }

  get allowance(): StreamAllowance | undefined {
    return this.#allowance;
  }

  /** An answer may have so many tokens at most; `why` is told where the caller had asked for more. */
  boundOutput(tokens: number, why: string | undefined): void {
    this.#outputBound = Math.min(tokens, this.#outputBound ?? Number.POSITIVE_INFINITY);
    if (why !== undefined) this.#admissionWarnings.push(`output bound: ${tokens} tokens, ${why}`);
  }

  get outputBound(): number | undefined {
    return this.#outputBound;
  }

  /**
   * Writes the row of a new attempt. Nothing may be sent before this resolves; where it can't, its place is given back.
   * `continued` is the request to go on with an answer that broke off.
   */
  async beginAttempt(begun: BegunAttempt, continued?: InferenceRequest): Promise<AttemptRecord> {
    const { target, ticket, timeouts } = begun;
    try {
      const guard = this.guard.openAttempt(target.upstream, timeouts);
      const request = continued ?? this.request;
      const opening = attemptOpening(target, {
        requestId: this.incoming.requestId,
        ordinal: ++this.#ordinal,
        bodyBytes: request.bodyBytes,
        markup: this.caller.markup,
        purpose: continued === undefined ? undefined : "continuation",
      });
      const attempt = new AttemptRecord(opening, { target, ticket, guard }, request, this.parts);
      await attempt.open(this.opening);
      this.#attempts++;
      this.#open.push(attempt);
      this.parts.upstreamCalls.begin(target.upstream.provider);
      return attempt;
    } catch (thrown) {
      const nowMs = this.parts.routing.clock();
      ticket.end({ failure: asGatewayError(thrown), totalMs: 0, stream: false }, nowMs);
      throw thrown;
    }
  }

  /**
   * An attempt has an answer: it is the client's, and another that is under way is given up. Throws where another was
   * first.
   */
  claim(attempt: AttemptRecord): void {
    if (this.#winner !== undefined) throw new GatewayError("superseded");
    this.#winner = attempt;
    this.#firstTokenMs ??= this.guard.elapsedMs();
    for (const other of this.#open)
      if (other !== attempt) other.guard.abandon(new GatewayError("superseded"));
  }

  /** The attempt whose answer the client gets broke it off, and another goes on with it. */
  breakOff(attempt: AttemptRecord, end: AttemptEnd & { readonly failure: GatewayError }): void {
    attempt.guard.abandon(end.failure);
    // A receipt's cost has those before it in it.
    this.#costBefore = this.endAttempt(attempt, end)?.cost ?? this.#costBefore;
    if (this.#winner === attempt) this.#winner = undefined;
  }

  /** Ends an attempt, if it is open. */
  endAttempt(attempt: AttemptRecord, end: AttemptEnd): Receipt | undefined {
    const place = this.#open.indexOf(attempt);
    if (place === -1) return undefined;
    this.#open.splice(place, 1);
    const { provider } = attempt.target.upstream;
    this.parts.upstreamCalls.end(provider);
    const { usage, cost } = this.#closed(attempt, end);
    const receipt: Writable<Receipt> = {
      requestId: this.incoming.requestId,
      provider,
      model: attempt.target.model,
      attempts: this.#attempts,
      totalMs: this.guard.elapsedMs(),
      usage,
    };
    if (cost !== undefined) receipt.cost = nanoDollars(cost + this.#costBefore);
    return receipt;
  }

  /** The call's one end: closes its attempt, gives its place back, writes its row, counts and logs it. */
  settle(status: number, end: AttemptEnd): Receipt | undefined {
    if (this.#settled) return undefined;
    this.#settled = true;
    this.incoming.keeper?.settled(end.failure);
    const receipt = this.#endAttempts(end);
    this.guard.end();
    this.#admission?.end();
    this.parts.liveCalls.delete(this);
    if (end.wasCutShort === true)
      this.#warnings = [...this.#warnings, "answer cut short: the budget could not pay for more of it"];
    this.#account(status, end.failure, receipt);
    return receipt;
  }

  /** The gateway ends: the call is given up, and tells its client so. */
  interrupt(): void {
    this.guard.fail(new GatewayError("draining"));
  }

  #makeFacts(): FactsOfCall {
    const facts = new FactsOfCall(this);
    this.#choice = new ChoiceRecord(facts);
    return facts;
  }

  #makeRecorder(): BodyRecorder | undefined {
    const { project, recording } = this.caller;
    if (recording === undefined) return undefined;
    const { requestId } = this.incoming;
    return new BodyRecorder({ requestId, project }, recording, (bodies) =>
      this.parts.ledger.keepBodies(bodies),
    );
  }

  #endAttempts(end: AttemptEnd): Receipt | undefined {
    const winner = this.#winner;
    const receipt = winner === undefined ? undefined : this.endAttempt(winner, end);
    if (this.#open.length === 0) return receipt;
    const failure = end.failure ?? new GatewayError("superseded");
    for (const attempt of this.#open.slice()) this.endAttempt(attempt, { failure });
    return receipt;
  }

  #closed(attempt: AttemptRecord, end: AttemptEnd): AttemptClosing {
    const nowMs = this.parts.routing.clock();
    const closing = attempt.close(end, nowMs);
    this.#choice?.ended(closing, attempt.opening.ordinal, nowMs, end.failure?.retryAfterMs);
    const { provider } = attempt.target.upstream;
    this.parts.telemetry.attemptEnded(provider, attempt.target.model, closing);
    if (this.#rollout !== undefined && attempt.opening.ordinal === 1)
      this.#teach(this.#rollout, attempt, closing, end.failure);
    this.#charge(attempt, closing);
    if (end.facts?.storedId !== undefined && end.failure === undefined)
      noteStoredResponse(this, this.#routeAlias, attempt.target, end.facts.storedId);
    return closing;
  }

  #teach(
    rollout: Rollout,
    { target }: AttemptRecord,
    { firstTokenMs, totalMs }: AttemptClosing,
    failure: GatewayError | undefined,
  ): void {
    const { stream } = this.request;
    const first = { target: target.name, failure, tookMs: firstTokenMs ?? totalMs, stream };
    if (!rollout.note(this.#arm === CANARY_ARM, first)) return;
    this.parts.telemetry.log.warn(
      { route: this.#routeAlias, because: rollout.givenUpBecause },
      "canary given up: all calls of the route go the usual way",
    );
  }

  #charge({ opening }: AttemptRecord, { attemptId, outcome, usage, cost = NO_COST }: AttemptClosing): void {
    const { inputTokens, outputTokens, reasoningTokens } = usage;
    const { startedAtMs } = opening;
    this.#admission?.charge({ attemptId, startedAtMs, cost, inputTokens, outputTokens });
    if (outcome !== "ok" || usage.source === "estimated") return;
    this.parts.forecast.observe(this.caller.keyId, this.#routeAlias, outputTokens, reasoningTokens);
  }

  #account(status: number, failure: GatewayError | undefined, receipt: Receipt | undefined): void {
    const request = this.opening;
    const { replayOf } = this.incoming;
    const closing: Writable<RequestClosing> = {
      requestId: request.requestId,
      outcome: outcomeOf(failure),
      status,
      attempts: this.#attempts,
      totalMs: this.guard.elapsedMs(),
    };
    if (failure !== undefined) {
      closing.errorCode = failure.code;
      failure.isTold = true;
    }
    if (this.#firstTokenMs !== undefined) closing.firstTokenMs = this.#firstTokenMs;
    if (this.#warnings.length > 0) closing.warnings = this.#warnings;
    if (this.#isRouted || this.#choice !== undefined) this.#noteRoute(closing);
    if (replayOf !== undefined) closing.replayOf = replayOf;
    this.parts.ledger.finish(request, closing);
    this.parts.telemetry.callEnded({ request, closing, receipt, failure, content: this.content?.texts() });
  }

  get #isRouted(): boolean {
    return this.#routeAlias !== "" && !isTargetName(this.#routeAlias);
  }

  #noteRoute(closing: Writable<RequestClosing>): void {
    if (this.#isRouted) closing.route = this.#routeAlias;
    if (this.#arm !== undefined) closing.arm = this.#arm;
    const routing = this.#plan?.record();
    if (routing !== undefined) closing.routing = this.#choice?.complete(routing) ?? routing;
  }

  /** Made once the request has been read, or else for the end of a call that never came so far. */
  get opening(): RequestOpening {
    this.#openingRecord ??= requestOpening(this.incoming, this.caller, this.#request);
    return this.#openingRecord;
  }
}
