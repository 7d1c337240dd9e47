import { createHmac } from "node:crypto";

const SECRET_PREFIX = "whsec_";
const LEAST_SECRET_BYTES = 24;
const MOST_SECRET_BYTES = 64;

/** Whether a text is a webhook's secret: `whsec_` and the base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  const { byteLength } = secretBytes(text);
  const isBase64 = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text);
  return isBase64 && byteLength >= LEAST_SECRET_BYTES && byteLength <= MOST_SECRET_BYTES;
}

/** One message as it is sent, the same at each attempt but for its time. */
export interface WebhookMessage {
  /** By which the receiver knows a message that it has had already. */
  readonly id: string;
  readonly body: string;
}

/**
 * The headers of a message in the form of Standard Webhooks
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): its id, the second of
 * this attempt, and a signature over both and the body, so that neither an altered nor an old message passes.
 */
export function webhookHeaders(
  secret: string,
  { id, body }: WebhookMessage,
  nowMs: number,
): { readonly [name: string]: string } {
  const seconds = Math.floor(nowMs / 1000);
  const signature = createHmac("sha256", secretBytes(secret))
    .update(`${id}.${seconds}.${body}`)
    .digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${signature}`,
  };
}

function secretBytes(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
}
