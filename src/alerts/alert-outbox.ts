import type { Kysely } from "kysely";
import type { WebhookResult } from "../model/webhook.ts";
import { patiently } from "../storage/patiently.ts";
import type { AlertRow, Tables } from "../storage/schema.ts";
import type { WebhookMessage } from "./standard-webhook.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long after each attempt the next one is made; after the last of them the message is given up. */
const PAUSES_MS: readonly number[] = [
  5_000,
  30_000,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
];

/** So long alerts are kept to be listed. */
const KEPT_MS = 400 * 24 * HOUR_MS;

/** An alert to be told once. */
export interface NewAlert {
  /** What it is told once for. */
  readonly occasion: string;
  /** From when on the same occasion is another; absent for never. */
  readonly occasionEndsAtMs?: number;
  readonly body: string;
}

/** Alerts in the store: what was told, and what is still to be sent. A restart loses and doubles nothing. */
export class AlertOutbox {
  readonly #store: Kysely<Tables>;

  constructor(store: Kysely<Tables>) {
    this.#store = store;
  }

  /** Stores an alert, to be sent at once where `toBeSent`. Gives its id, or undefined where its occasion was told. */
  async add(alert: NewAlert, toBeSent: boolean, nowMs: number): Promise<string | undefined> {
    const { occasion, occasionEndsAtMs = null, body } = alert;
    const id = `alr_${Bun.randomUUIDv7()}`;
    const row: AlertRow = {
      id,
      occasion,
      occasion_ends_at_ms: occasionEndsAtMs,
      created_at_ms: nowMs,
      body,
      attempts: 0,
      next_attempt_at_ms: toBeSent ? nowMs : null,
      delivered_at_ms: null,
      last_problem: null,
    };
    const added = () =>
      this.#store.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("alerts")
          .set({ occasion: null })
          .where("occasion", "=", occasion)
          .where("occasion_ends_at_ms", "<=", nowMs)
          .execute();
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto("alerts")
          .values(row)
          .onConflict((conflict) => conflict.column("occasion").doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n ? id : undefined;
      });
    return patiently(added);
  }

  /** Messages whose time has come, the longest due first. */
  async due(nowMs: number, most: number): Promise<readonly WebhookMessage[]> {
    return this.#store
      .selectFrom("alerts")
      .select(["id", "body"])
      .where("next_attempt_at_ms", "<=", nowMs)
      .orderBy("next_attempt_at_ms")
      .limit(most)
      .execute();
  }

  /** When the next message is due; undefined where none waits. */
  async nextDueMs(): Promise<number | undefined> {
    const row = await this.#store
      .selectFrom("alerts")
      .select("next_attempt_at_ms")
      .where("next_attempt_at_ms", "is not", null)
      .orderBy("next_attempt_at_ms")
      .executeTakeFirst();
    return row?.next_attempt_at_ms ?? undefined;
  }

  /** Writes down how an attempt went, and when the next one is to be. Gives whether there is to be one. */
  async noteAttempt(id: string, { isDelivered, problem }: WebhookResult, nowMs: number): Promise<boolean> {
    const noted = () =>
      this.#store.transaction().execute(async (transaction) => {
        const { attempts } = await transaction
          .updateTable("alerts")
          .set((row) => ({ attempts: row("attempts", "+", 1) }))
          .where("id", "=", id)
          .returning("attempts")
          .executeTakeFirstOrThrow();
        const pauseMs = isDelivered ? undefined : PAUSES_MS[attempts - 1];
        await transaction
          .updateTable("alerts")
          .set({
            delivered_at_ms: isDelivered ? nowMs : null,
            next_attempt_at_ms: pauseMs === undefined ? null : nowMs + withJitter(pauseMs),
            last_problem: problem ?? null,
          })
          .where("id", "=", id)
          .execute();
        return pauseMs !== undefined;
      });
    return patiently(noted);
  }

  /** Deletes what is old and can't be told again. */
  async forgetOld(nowMs: number): Promise<void> {
    const old = this.#store
      .deleteFrom("alerts")
      .where("created_at_ms", "<", nowMs - KEPT_MS)
      .where((where) => where.or([where("occasion", "is", null), where("occasion_ends_at_ms", "<=", nowMs)]));
    await patiently(() => old.execute());
  }
}

/** Messages that failed together are not sent together again. */
function withJitter(pauseMs: number): number {
  return Math.round(pauseMs * (0.9 + Math.random() * 0.2));
}
