import type { Answer } from "../../egress/answer.ts";
import type { RequestOpening } from "../../model/attempt.ts";
import type { StreamEncoder } from "../../model/dialect.ts";
import { asGatewayError, GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { RouteSettings } from "../../model/route-settings.ts";
import type { Target } from "../../model/snapshot.ts";
import type { RouteState } from "../../routing/route-state.ts";
import type { Ticket } from "../../routing/target-state.ts";
import { type AttemptEnd, AttemptRecord } from "../attempt-record.ts";
import { CallGuard, NOBODY } from "../call-guard.ts";
import { decodeWhole } from "../decode-whole.ts";
import type { Junction } from "../junction.ts";
import type { LiveCall } from "../live-call.ts";
import { attemptOpening } from "../openings.ts";
import type { Outgoing } from "../outgoing.ts";
import { parseJsonBytes } from "../parse-answer.ts";
import type { Interruptible, Parts } from "../parts.ts";
import { readAnswer } from "../read-answer.ts";
import { openTranslateRelay } from "../relay/open-translate-relay.ts";
import { PassthroughRelay } from "../relay/passthrough.ts";
import { ProviderStream } from "../relay/provider-stream.ts";
import type { Relay } from "../relay/relay.ts";
import { send } from "../send.ts";
import { timeoutsOf } from "../timeouts-of.ts";
import { refusal } from "../upstream-failure.ts";

/** A copy of a call, ready to be sent. */
export interface ShadowOrder {
  readonly target: Target;
  readonly junction: Junction;
  readonly sent: Outgoing;
  readonly ticket: Ticket;
  readonly settings: RouteSettings;
}

/** Nobody pays for a copy. */
const UNBILLED = "0";
const SILENT: StreamEncoder = Object.freeze({ encode: () => "", close: () => "" });

/**
 * A copy of a call at a shadow. It has a row like any attempt, written before a byte is sent and ended once; the caller
 * gets nothing of it, waits for nothing of it, and no budget or limit of theirs knows of it.
 */
export class ShadowCall implements Interruptible {
  readonly #parts: Parts;
  readonly #request: InferenceRequest;
  readonly #opening: RequestOpening;
  readonly #answerBytes: number;
  readonly #order: ShadowOrder;
  readonly #state: RouteState;
  readonly #guard: CallGuard;
  #relay: Relay | undefined;

  constructor(call: LiveCall, order: ShadowOrder, state: RouteState) {
    this.#parts = call.parts;
    this.#request = call.request;
    this.#opening = call.opening;
    this.#answerBytes = call.snapshot.limits.answerBytes;
    this.#order = order;
    this.#state = state;
    this.#guard = new CallGuard(call.parts.ticker, NOBODY);
  }

  /** Makes the call, to its end. Never rejects. */
  async run(): Promise<void> {
    const { shadowCalls } = this.#parts;
    shadowCalls.add(this);
    this.#state.shadowsInFlight++;
    try {
      await this.#make();
    } finally {
      this.#guard.end();
      this.#state.shadowsInFlight--;
      shadowCalls.delete(this);
    }
  }

  /** The gateway ends. */
  interrupt(): void {
    this.#guard.fail(new GatewayError("draining"));
  }

  async #make(): Promise<void> {
    const { target, ticket, settings } = this.#order;
    const { routing } = this.#parts;
    const guard = this.#guard.openAttempt(target.upstream, timeoutsOf(target.upstream, settings));
    const holds = { target, ticket, guard };
    const opening = attemptOpening(target, {
      requestId: this.#opening.requestId,
      // The client's own attempts are counted from 1.
      ordinal: 0,
      bodyBytes: this.#request.bodyBytes,
      markup: UNBILLED,
      purpose: "shadow",
    });
    const record = new AttemptRecord(opening, holds, this.#request, this.#parts);
    try {
      await record.open(this.#opening);
    } catch (thrown) {
      ticket.end({ failure: asGatewayError(thrown), totalMs: 0, stream: false }, routing.clock());
      return;
    }
    const { provider } = target.upstream;
    this.#parts.upstreamCalls.begin(provider);
    const closing = record.close(await this.#answered(record), routing.clock());
    this.#parts.upstreamCalls.end(provider);
    this.#parts.telemetry.attemptEnded(provider, target.model, closing);
  }

  async #answered(record: AttemptRecord): Promise<AttemptEnd> {
    const { target, sent, junction } = this.#order;
    const { guard } = record;
    try {
      const answer = await send(target.upstream, sent, guard, this.#parts.egress);
      record.noteHead(answer, this.#parts.routing.clock());
      if (answer.status < 400) return await this.#read(answer, record);
      const body = await readAnswer(answer, this.#answerBytes, guard);
      throw refusal(answer, body, target.upstream, junction.face, junction.isPassthrough);
    } catch (thrown) {
      const failure = guard.failure ?? asGatewayError(thrown);
      guard.abandon(failure);
      const facts = this.#relay?.facts();
      return facts === undefined ? { failure } : { failure, facts, answerBytes: facts.outputBytes };
    }
  }

  async #read(answer: Answer, record: AttemptRecord): Promise<AttemptEnd> {
    const { target, junction, sent } = this.#order;
    if (this.#request.stream) return await this.#readStream(answer, record);
    const bytes = await readAnswer(answer, this.#answerBytes, record.guard);
    record.noteFirstToken();
    const parsed = parseJsonBytes(bytes, target.upstream.provider);
    const facts = junction.upstream.scanResponse(parsed);
    if (!junction.isPassthrough) decodeWhole(junction, parsed, sent.form);
    return { facts, answerBytes: bytes.byteLength };
  }

  async #readStream(answer: Answer, record: AttemptRecord): Promise<AttemptEnd> {
    const relay = this.#openRelay();
    this.#relay = relay;
    const stream = await ProviderStream.open(answer, relay, record.guard);
    record.noteFirstToken();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.flowTo({ give: () => {}, complete: resolve, fail: reject });
    await promise;
    const facts = relay.facts();
    return { facts, answerBytes: facts.outputBytes };
  }

  /** Looks at what passes, and keeps nothing of it. */
  #openRelay(): Relay {
    const { target, junction, sent } = this.#order;
    const { upstream } = target;
    const { form } = sent;
    const scanner = junction.upstream.openStreamScanner?.();
    if (junction.isPassthrough && scanner !== undefined) return new PassthroughRelay(scanner, upstream);
    const limitBytes = this.#answerBytes;
    return openTranslateRelay({ junction, form, upstream, encoder: SILENT, limitBytes });
  }
}
