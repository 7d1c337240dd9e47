import { connect } from "node:net";

/** A client that shows what really came over TCP. */
export interface RawClient {
  /** One entry for each read of the socket. */
  readonly packets: readonly Buffer[];
  /** How the peer ended the connection, once it has. */
  readonly ended: "close" | "reset" | undefined;
  text(): string;
  write(bytes: string | Buffer): void;
  /** Waits until this holds; looked at anew with every packet and at the end. */
  until(condition: (client: RawClient) => boolean, timeoutMs?: number): Promise<void>;
  /** Stops and starts reading, for a client that is slow. */
  pause(): void;
  resume(): void;
  leave(): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const packets: Buffer[] = [];
  const watchers = new Set<() => void>();
  let ended: RawClient["ended"];
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  const end = (how: "close" | "reset"): void => {
    ended ??= how;
    changed();
  };
  socket.on("data", (bytes: Buffer) => {
    packets.push(bytes);
    changed();
  });
  socket.on("end", () => end("close"));
  socket.on("close", () => end("close"));
  socket.on("error", () => end("reset"));

  const client: RawClient = {
    packets,
    get ended() {
      return ended;
    },
    text: () => Buffer.concat(packets).toString(),
    write: (bytes) => {
      socket.write(bytes);
    },
    until: (condition, timeoutMs = 5_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(
            new Error(
              `not in ${timeoutMs} ms: ${condition}; ${ended ?? "open"}, ${client.text().slice(-500)}`,
            ),
          );
        }, timeoutMs);
        const look = (): void => {
          if (!condition(client)) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    pause: () => {
      socket.pause();
    },
    resume: () => {
      socket.resume();
    },
    leave: () => {
      socket.destroy();
    },
  };
  return client;
}

/** The bytes of a POST with a JSON body. */
export function rawPost(body: object, path = "/v1/chat/completions"): string {
  const text = JSON.stringify(body);
  const head = [
    "Host: replay",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  return `POST ${path} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n${text}`;
}

/** What is behind the headers of the one answer in these bytes. */
export function rawBody(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
}

/** The chunks of a chunked body, the empty last one included if it came. */
export function httpChunks(body: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < body.length; ) {
    const line = body.indexOf("\r\n", offset);
    const size = Number.parseInt(body.toString("latin1", offset, line), 16);
    chunks.push(body.subarray(line + 2, line + 2 + size));
    offset = line + 2 + size + 2;
  }
  return chunks;
}
