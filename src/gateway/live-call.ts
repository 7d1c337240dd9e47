import type { AttemptClosing, RequestClosing, RequestOpening } from "../model/attempt.ts";
import type { Receipt } from "../model/dialect.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import { NO_COST } from "../model/money.ts";
import type { Snapshot, Target, TranslationMode } from "../model/snapshot.ts";
import type { Admission } from "../policy/admission.ts";
import type { BudgetHold } from "../policy/budgets/budget-hold.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import type { StreamAllowance } from "./admission/stream-allowance.ts";
import { type AttemptEnd, AttemptRecord, outcomeOf } from "./attempt-record.ts";
import { CallGuard } from "./call-guard.ts";
import { ContentSample } from "./content-sample.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Parts } from "./parts.ts";

/** Names come from clients; a row holds this much of one. */
const MAX_NAME_CHARACTERS = 512;
const NO_WARNINGS: readonly string[] = [];

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
  #request: InferenceRequest | undefined;
  #admission: Admission | undefined;
  #allowance: StreamAllowance | undefined;
  #outputBound: number | undefined;
  #routeAlias = "";
  #attempt: AttemptRecord | undefined;
  #attempts = 0;
  #firstTokenMs: number | undefined;
  #openingRecord: RequestOpening | undefined;
  #settled = false;
  #warnings: readonly string[] = NO_WARNINGS;
  readonly #admissionWarnings: string[] = [];
  /** What is done where the route's targets can't carry out what was asked. */
  translation: TranslationMode;

  constructor(incoming: IncomingCall, caller: KnownCaller, snapshot: Snapshot, parts: Parts) {
    this.incoming = incoming;
    this.caller = caller;
    this.snapshot = snapshot;
    this.translation = snapshot.translation;
    this.parts = parts;
    this.guard = new CallGuard(parts.ticker, () => incoming.clientSignal());
    this.content = parts.recordsContent(caller.project) ? new ContentSample() : undefined;
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

  /** What the current attempt does otherwise than it was asked; the last attempt's is what the client is told. */
  noteWarnings(warnings: readonly string[]): void {
    this.#warnings =
      this.#admissionWarnings.length === 0 ? warnings : [...this.#admissionWarnings, ...warnings];
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Takes over what the caller was granted. */
  admit(admission: Admission, routeAlias: string): void {
    this.#admission = admission;
    this.#routeAlias = routeAlias;
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

  /** Writes the row of a new attempt. Nothing may be sent before this resolves. */
  async beginAttempt(target: Target): Promise<AttemptRecord> {
    const opening = {
      attemptId: `att_${Bun.randomUUIDv7()}`,
      requestId: this.incoming.requestId,
      ordinal: this.#attempts + 1,
      startedAtMs: Date.now(),
      provider: target.upstream.provider,
      model: target.model,
      bodyBytes: this.request.bodyBytes,
      ...(this.caller.markup === undefined ? {} : { markup: this.caller.markup }),
    };
    const attempt = new AttemptRecord(opening, target, this.request, this.parts.ledger, this.parts.prices);
    await attempt.open(this.#opening());
    this.#attempts++;
    this.#attempt = attempt;
    this.parts.upstreamCalls.begin(target.upstream.provider);
    return attempt;
  }

  /** The first meaningful part of the answer is here. */
  noteFirstToken(): void {
    this.#attempt?.noteFirstToken();
    this.#firstTokenMs ??= this.guard.elapsedMs();
  }

  /** Ends the current attempt, if one is open. */
  endAttempt(end: AttemptEnd): Receipt | undefined {
    const attempt = this.#attempt;
    if (attempt === undefined) return undefined;
    this.#attempt = undefined;
    const { provider } = attempt.target.upstream;
    this.parts.upstreamCalls.end(provider);
    const { usage, cost } = this.#closed(attempt, end);
    const receipt = {
      requestId: this.incoming.requestId,
      provider,
      model: attempt.target.model,
      attempts: this.#attempts,
      totalMs: this.guard.elapsedMs(),
      usage,
    };
    return cost === undefined ? receipt : { ...receipt, cost };
  }

  /** The call's one end: closes its attempt, gives its place back, writes its row, counts and logs it. */
  settle(status: number, end: AttemptEnd): Receipt | undefined {
    if (this.#settled) return undefined;
    this.#settled = true;
    const receipt = this.endAttempt(end);
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

  #closed(attempt: AttemptRecord, end: AttemptEnd): AttemptClosing {
    const closing = attempt.close(end);
    const { provider } = attempt.target.upstream;
    this.parts.telemetry.attemptEnded(provider, attempt.target.model, closing);
    this.#charge(attempt, closing);
    return closing;
  }

  #charge({ opening }: AttemptRecord, { attemptId, outcome, usage, cost = NO_COST }: AttemptClosing): void {
    const { inputTokens, outputTokens, reasoningTokens } = usage;
    const { startedAtMs } = opening;
    this.#admission?.charge({ attemptId, startedAtMs, cost, inputTokens, outputTokens });
    if (outcome !== "ok" || usage.source === "estimated") return;
    this.parts.forecast.observe(this.caller.keyId, this.#routeAlias, outputTokens, reasoningTokens);
  }

  #account(status: number, failure: GatewayError | undefined, receipt: Receipt | undefined): void {
    const request = this.#opening();
    const closing: RequestClosing = {
      requestId: request.requestId,
      outcome: outcomeOf(failure),
      status,
      attempts: this.#attempts,
      totalMs: this.guard.elapsedMs(),
      ...(failure === undefined ? undefined : { errorCode: failure.code }),
      ...(this.#firstTokenMs === undefined ? undefined : { firstTokenMs: this.#firstTokenMs }),
      ...(this.#warnings.length === 0 ? undefined : { warnings: this.#warnings }),
    };
    this.parts.ledger.finish(request, closing);
    this.parts.telemetry.callEnded({ request, closing, receipt, failure, content: this.content?.texts() });
  }

  /** Made once the request has been read, or else for the end of a call that never came so far. */
  #opening(): RequestOpening {
    this.#openingRecord ??= this.#makeOpening();
    return this.#openingRecord;
  }

  #makeOpening(): RequestOpening {
    const request = this.#request;
    const { token } = this.caller;
    // Whom a token is for was said by the backend; what a page says of itself is no more than that.
    const endUser = token?.endUser ?? request?.endUser;
    return {
      requestId: this.incoming.requestId,
      receivedAtMs: this.incoming.receivedAtMs,
      project: this.caller.project,
      keyId: this.caller.keyId,
      dialect: this.incoming.dialect,
      operation: request?.operation ?? this.incoming.operation,
      requestedModel: (request?.model ?? "").slice(0, MAX_NAME_CHARACTERS),
      stream: request?.stream ?? false,
      ...(endUser === undefined ? {} : { endUser: endUser.slice(0, MAX_NAME_CHARACTERS) }),
      ...(token === undefined ? {} : { tokenId: token.id }),
      ...(this.caller.tags === undefined ? {} : { tags: this.caller.tags }),
    };
  }
}
