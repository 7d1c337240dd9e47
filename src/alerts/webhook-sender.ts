import type { Egress } from "../egress/egress.ts";
import { prepareEndpoint } from "../egress/endpoint.ts";
import { EgressFailure } from "../egress/failure.ts";
import type { WebhookResult } from "../model/webhook.ts";
import { type WebhookMessage, webhookHeaders } from "./standard-webhook.ts";

const LIMIT_MS = 10_000;
/** The answer says nothing that is used; it is read so that the connection can serve again. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Where messages go. */
export interface WebhookSettings {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
}

/** Sends one message once; every failure is told, none is thrown. Redirects are not followed. */
export async function sendWebhook(
  egress: Egress,
  { url, secret }: WebhookSettings,
  message: WebhookMessage,
): Promise<WebhookResult> {
  const headers = { "user-agent": "Gatehouse", ...webhookHeaders(secret, message, Date.now()) };
  const call = egress.send(prepareEndpoint({ method: "POST", url, headers }), message.body);
  const timer = setTimeout(() => call.abort(), LIMIT_MS);
  try {
    const answer = await call.answer;
    const { status } = answer;
    await answer.bytes(MAX_ANSWER_BYTES).catch(() => answer.abort());
    if (status >= 200 && status < 300) return { isDelivered: true, status };
    return { isDelivered: false, status, problem: `the receiver answered ${status}` };
  } catch (thrown) {
    return { isDelivered: false, problem: problemOf(thrown) };
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(thrown: unknown): string {
  if (!(thrown instanceof EgressFailure)) return "the message could not be sent";
  switch (thrown.fault) {
    case "unreachable":
      return `the receiver could not be reached: ${thrown.code}`;
    case "untrusted":
      return `the receiver's certificate can't be trusted: ${thrown.code}`;
    case "aborted":
      return `the receiver did not answer within ${LIMIT_MS / 1000} s`;
    default:
      return "the receiver closed the connection before it answered";
  }
}
