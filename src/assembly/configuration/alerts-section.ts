import { z } from "zod";
import { isWebhookSecret } from "../../alerts/standard-webhook.ts";
import { webhookRules } from "./address.ts";
import { text } from "./fields.ts";

const url = text({
  description: "Where alerts are posted to",
  mend: "Write a whole address: https://hooks.example.com/gatehouse.",
  rules: webhookRules,
});

const secret = text({
  description: `What messages are signed with (Standard Webhooks), shared with the receiver: a \${VARIABLE} or file: reference`,
  mend: `Make one with: echo "whsec_$(openssl rand -base64 32)". Then write "secret: \${NAME}" or "secret: file:path".`,
  secret: true,
  rules: [["must be `whsec_` and the base64 of 24 to 64 bytes", isWebhookSecret]],
});

/** Whom budgets that run out are told to. */
export const alertsSection = z
  .strictObject({
    webhook: z
      .strictObject({ url, secret })
      .describe("Where alerts are sent; without it they are only logged and listed")
      .optional(),
  })
  .describe("Whom budgets that run out are told to");
