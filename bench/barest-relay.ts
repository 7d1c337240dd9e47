/**
 * The barest relay that this runtime allows: no check, no key, no record. What the gateway costs is measured
 * against it. Environment: PORT, UPSTREAM (the base URL).
 */
const upstream = process.env["UPSTREAM"] ?? "";
const headers = { "content-type": "application/json", authorization: "Bearer bench-key" };

async function* bytesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

Bun.serve({
  port: Number(process.env["PORT"]),
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    const body = await request.arrayBuffer();
    const answer = await fetch(upstream, { method: "POST", headers, body });
    const type = answer.headers.get("content-type") ?? "";
    const relayed = { status: answer.status, headers: { "content-type": type } };
    if (type.startsWith("text/event-stream") && answer.body)
      return new Response(bytesOf(answer.body), relayed);
    return new Response(await answer.arrayBuffer(), relayed);
  },
});
