import type { WebhookResult } from "../model/webhook.ts";
import type { AlertOutbox } from "./alert-outbox.ts";
import type { WebhookMessage } from "./standard-webhook.ts";

const AT_ONCE = 8;
/** Even where nothing is known to wait, and after a failure of the store. */
const LONGEST_PAUSE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What the deliveries work with. */
export interface DeliveryParts {
  readonly outbox: AlertOutbox;
  /** Sends a message once. Undefined where there is nowhere to send it to. */
  send(message: WebhookMessage): Promise<WebhookResult> | undefined;
  /** `willTryAgain` is false where a message was given up. */
  onUndelivered(id: string, result: WebhookResult, willTryAgain: boolean): void;
  onFailure(error: unknown): void;
}

/** Sends what waits in the outbox, again and again with growing pauses until it is taken. Beside all calls, on its own. */
export class AlertDeliveries {
  readonly #parts: DeliveryParts;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  #forgotAtMs = 0;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Looks for what is due now, and by itself for what comes due later. */
  wake(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#running = this.#running.then(() => this.#run());
  }

  /** Sends no more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = LONGEST_PAUSE_MS;
    try {
      await this.#sendDue();
      const dueMs = await this.#parts.outbox.nextDueMs();
      if (dueMs !== undefined) pauseMs = Math.min(pauseMs, Math.max(0, dueMs - Date.now()));
    } catch (error) {
      this.#parts.onFailure(error);
    }
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), pauseMs);
    this.#timer.unref();
  }

  async #sendDue(): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.#forgotAtMs > DAY_MS) {
      this.#forgotAtMs = nowMs;
      await this.#parts.outbox.forgetOld(nowMs);
    }
    for (;;) {
      const due = await this.#parts.outbox.due(Date.now(), AT_ONCE);
      if (due.length === 0 || this.#isStopped) return;
      await Promise.all(due.map((message) => this.#sendOne(message)));
    }
  }

  async #sendOne(message: WebhookMessage): Promise<void> {
    const result = await (this.#parts.send(message) ?? NOWHERE);
    const willTryAgain = await this.#parts.outbox.noteAttempt(message.id, result, Date.now());
    if (!result.isDelivered) this.#parts.onUndelivered(message.id, result, willTryAgain);
  }
}

const NOWHERE: WebhookResult = { isDelivered: false, problem: "no webhook is configured any more" };
