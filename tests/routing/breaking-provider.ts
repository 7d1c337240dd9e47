import { createServer, type Socket } from "node:net";

/** What a call is answered with: an event stream, of which so many bytes come before the connection is lost. */
export interface Streamed {
  readonly stream: Buffer;
  /** Absent: all of it, and the stream ends as it should. */
  readonly breaksAt?: number;
}

/** A call that came, as its body says it. */
export interface AskedCall {
  readonly path: string;
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly body: Readonly<Record<string, unknown>>;
}

/** A provider whose streams break off at a byte. */
export interface BreakingProvider {
  readonly url: string;
  /** Calls so far, in their order. */
  readonly calls: readonly AskedCall[];
  stop(): void;
}

/** Starts one; `answer` says what comes for a call: a stream, or a status that refuses it. */
export async function startBreakingProvider(
  answer: (call: AskedCall) => Streamed | number,
): Promise<BreakingProvider> {
  const calls: AskedCall[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const parts: Buffer[] = [];
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      parts.push(bytes);
      const call = wholeCall(Buffer.concat(parts));
      if (call === undefined) return;
      calls.push(call);
      respond(socket, answer(call), calls.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function wholeCall(bytes: Buffer): AskedCall | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = bytes.subarray(0, end).toString("latin1");
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const raw = bytes.subarray(end + 4);
  if (raw.length < length) return undefined;
  const body = JSON.parse(raw.toString("utf8")) as Record<string, unknown>;
  return {
    path: head.split(" ")[1] ?? "",
    model: String(body["model"]),
    messages: body["messages"] as AskedCall["messages"],
    body,
  };
}

function respond(socket: Socket, answer: Streamed | number, turn: number): void {
  if (typeof answer === "number") {
    const error = JSON.stringify({ error: { type: "invalid_request_error", message: "no" } });
    socket.end(
      `HTTP/1.1 ${answer} No\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${error.length}\r\n\r\n${error}`,
    );
    return;
  }
  const { stream, breaksAt } = answer;
  const sent = stream.subarray(0, breaksAt ?? stream.length);
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
  const chunk = sent.length === 0 ? Buffer.alloc(0) : Buffer.concat([size(sent), sent, CRLF]);
  const end = breaksAt === undefined ? LAST_CHUNK : Buffer.alloc(0);
  socket.write(Buffer.concat([Buffer.from(head), chunk, end]), () => {
    // Both ways to lose a connection: an early end, and a reset.
    if (breaksAt === undefined || turn % 2 === 0) socket.end();
    else socket.resetAndDestroy();
  });
}

const CRLF = Buffer.from("\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const size = (bytes: Buffer): Buffer => Buffer.from(`${bytes.length.toString(16)}\r\n`);
