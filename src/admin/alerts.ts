import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import type { AlertRow } from "../storage/schema.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { adminResource } from "./resource.ts";
import { momentOrNull, momentShown, shownMoment, shownMomentOrNull } from "./views/moment.ts";

const section = "Alerts";

const ALERT_STATES = ["delivered", "waiting", "given_up", "not_sent"] as const;

const alertView = z
  .strictObject({
    id: z.string().describe("The message's `webhook-id`"),
    created_at: momentShown,
    state: z
      .enum(ALERT_STATES)
      .describe("waiting for its next attempt; given_up after the last; not_sent where there was no webhook"),
    attempts: z.int(),
    next_attempt_at: momentOrNull,
    delivered_at: momentOrNull,
    last_problem: z.string().nullable(),
    message: z.looseObject({}).describe("As it is sent"),
  })
  .meta({ id: "Alert" });

/** Alerts, newest first. */
export const listAlerts = adminResource({
  operation: "listAlerts",
  method: "GET",
  path: "/admin/v1/alerts",
  section,
  summary: "List alerts, and how their delivery stands",
  role: "viewer",
  query: z.strictObject(pageQuery),
  answer: pageOf(alertView),
  handle: async ({ query: { limit, cursor } }, { store }) => {
    const before = placeOf("alerts", cursor);
    let rows = store.selectFrom("alerts").selectAll();
    if (before !== undefined) rows = rows.where("id", "<", before);
    const found = await rows
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
    return page("alerts", found, { limit, place: ({ id }) => id, show: shown });
  },
});

/** Sends a message to the webhook now, to see whether it arrives. */
export const testAlerts = adminResource({
  operation: "testAlerts",
  method: "POST",
  path: "/admin/v1/alerts/test",
  section,
  summary: "Send a test message to the webhook",
  description: "Sends it once, at once, signed as every alert is; the answer says how that went.",
  role: "operator",
  answer: z
    .strictObject({
      delivered: z.boolean(),
      status: z.int().nullable().describe("The receiver's; null where it did not answer"),
      problem: z.string().nullable(),
    })
    .meta({ id: "WebhookTest" }),
  errors: ["conflict"],
  handle: async (_call, { testWebhook }) => {
    const result = await testWebhook();
    if (result === undefined) throw noWebhook();
    return { delivered: result.isDelivered, status: result.status ?? null, problem: result.problem ?? null };
  },
});

function noWebhook(): GatewayError {
  return new GatewayError("conflict", {
    message: "No webhook is configured.",
    mend: "Set `alerts.webhook` in the configuration: its `url` and its `secret`.",
  });
}

function shown(row: AlertRow): z.output<typeof alertView> {
  return {
    id: row.id,
    created_at: shownMoment(row.created_at_ms),
    state: stateOf(row),
    attempts: row.attempts,
    next_attempt_at: shownMomentOrNull(row.next_attempt_at_ms),
    delivered_at: shownMomentOrNull(row.delivered_at_ms),
    last_problem: row.last_problem,
    message: JSON.parse(row.body),
  };
}

function stateOf(row: AlertRow): (typeof ALERT_STATES)[number] {
  if (row.delivered_at_ms !== null) return "delivered";
  if (row.next_attempt_at_ms !== null) return "waiting";
  return row.attempts === 0 ? "not_sent" : "given_up";
}
