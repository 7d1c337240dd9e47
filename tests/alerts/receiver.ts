import { createHmac, timingSafeEqual } from "node:crypto";

/** The secret that the receiver and the gateway share. */
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** What arrived. */
export interface ReceivedMessage {
  readonly id: string;
  readonly timestamp: number;
  /** Whether the signature holds, as Standard Webhooks has receivers verify it. */
  readonly isGenuine: boolean;
  readonly message: unknown;
}

/** A receiver of webhooks. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly ReceivedMessage[];
  /** The status of the answers from now on. */
  status: number;
  stop(): Promise<void>;
}

/** Starts one on a free port. */
export function startReceiver(): Receiver {
  const received: ReceivedMessage[] = [];
  const receiver = { status: 200 };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      received.push(await readMessage(request));
      return new Response(null, { status: receiver.status });
    },
  });
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${server.port}/hook`,
    received,
    stop: () => server.stop(true),
  });
}

async function readMessage(request: Request): Promise<ReceivedMessage> {
  const body = await request.text();
  const id = request.headers.get("webhook-id") ?? "";
  const timestamp = request.headers.get("webhook-timestamp") ?? "";
  const key = Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64");
  const signed = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  const [version, signature = ""] = (request.headers.get("webhook-signature") ?? "").split(",");
  const given = Buffer.from(signature, "base64");
  const isGenuine =
    version === "v1" && given.byteLength === signed.byteLength && timingSafeEqual(given, signed);
  return { id, timestamp: Number(timestamp), isGenuine, message: JSON.parse(body) };
}
