import type { Kysely } from "kysely";
import { AlertDeliveries } from "../alerts/alert-deliveries.ts";
import { AlertOutbox } from "../alerts/alert-outbox.ts";
import { BudgetAlerts } from "../alerts/budget-alerts.ts";
import { sendWebhook } from "../alerts/webhook-sender.ts";
import type { Egress } from "../egress/egress.ts";
import type { WebhookResult } from "../model/webhook.ts";
import type { Tables } from "../storage/schema.ts";
import type { Log } from "../telemetry/log.ts";
import type { Settings } from "./configuration/load-settings.ts";

/** What alerts are made of. */
export interface AlertIngredients {
  readonly settings: Settings;
  readonly store: Kysely<Tables>;
  readonly egress: Egress;
  readonly log: Log;
}

/** Budget alerts, from the spending to the webhook. */
export interface Alerts {
  readonly budgets: BudgetAlerts;
  /** Begins to send, what an earlier process left over first. */
  start(): void;
  stop(): Promise<void>;
}

/** Puts the watch over budgets and the deliveries together. */
export function openAlerts({ settings, store, egress, log }: AlertIngredients): Alerts {
  const { webhook } = settings.configuration.alerts;
  const outbox = new AlertOutbox(store);
  const deliveries = new AlertDeliveries({
    outbox,
    send: (message) => (webhook === undefined ? undefined : sendWebhook(egress, webhook, message)),
    onUndelivered: (id, { problem }, willTryAgain) =>
      log[willTryAgain ? "warn" : "error"](
        { alert_id: id, problem },
        willTryAgain ? "alert not delivered, to be tried again" : "alert given up",
      ),
    onFailure: (error) => log.error({ cause: String(error) }, "alerts can't be read or written"),
  });
  const budgets = new BudgetAlerts({
    outbox,
    nowMs: () => Date.now(),
    isSent: () => webhook !== undefined,
    onAlert: (id, body) => {
      log.warn({ alert_id: id, ...body }, "budget alert");
      deliveries.wake();
    },
    onFailure: (error) => log.error({ cause: String(error) }, "budget alerts can't be written"),
  });
  return {
    budgets,
    start: () => deliveries.wake(),
    async stop() {
      await budgets.stop();
      await deliveries.stop();
    },
  };
}

/** Sends a test message; undefined where no webhook is configured. */
export async function testWebhook(settings: Settings, egress: Egress): Promise<WebhookResult | undefined> {
  const { webhook } = settings.configuration.alerts;
  if (webhook === undefined) return undefined;
  const body = JSON.stringify({
    type: "webhook.test",
    timestamp: new Date().toISOString(),
    data: { sentence: "This is a test: alerts of this Gatehouse arrive here." },
  });
  return sendWebhook(egress, webhook, { id: `alr_${Bun.randomUUIDv7()}`, body });
}
