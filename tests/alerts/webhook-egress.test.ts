import { afterAll, describe, expect, test } from "bun:test";
import { sendWebhook } from "../../src/alerts/webhook-sender.ts";
import { Egress } from "../../src/egress/egress.ts";
import { foreignReach } from "../../src/egress/guard/guard.ts";
import { startReceiver, WEBHOOK_SECRET } from "./receiver.ts";

/** A webhook goes nowhere but in public, unless its exact origin is allowed, and follows nobody elsewhere. */

const egress = new Egress();
const receiver = startReceiver();
const redirecting = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => new Response(null, { status: 307, headers: { location: receiver.url } }),
});
afterAll(async () => {
  egress.close();
  await receiver.stop();
  await redirecting.stop(true);
});

function send(url: string, allowed: readonly string[] = []) {
  const reach = foreignReach(url, new Set(allowed));
  return sendWebhook(egress, { url, secret: WEBHOOK_SECRET, reach }, { id: "m", body: "{}" });
}

describe("a webhook", () => {
  const { port } = new URL(receiver.url);

  test.each(["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433"])(
    "to this machine as %s is not connected to",
    async (host) => {
      const { isDelivered, problem } = await send(`http://${host}:${port}/hook`);
      expect([isDelivered, problem]).toEqual([false, expect.stringContaining("ADDRESS_NOT_ALLOWED")]);
      expect(receiver.received).toEqual([]);
    },
  );

  test("is delivered where its origin is allowed, and follows no redirect from there", async () => {
    const { origin } = new URL(receiver.url);
    expect(await send(receiver.url, [origin])).toEqual({ isDelivered: true, status: 200 });
    const moved = `http://127.0.0.1:${redirecting.port}`;
    expect(await send(`${moved}/hook`, [moved, origin])).toMatchObject({ isDelivered: false, status: 307 });
    expect(receiver.received.length).toBe(1);
  });
});
