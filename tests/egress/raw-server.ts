import { createServer, type Socket } from "node:net";

/** One connection as the server sees it. */
export interface RawConnection {
  readonly socket: Socket;
  /** All bytes that came so far, as latin1. */
  text(): string;
  /** Bytes that came so far. */
  readonly bytes: number;
  /** How the client ended it, once it has. */
  readonly ended: "close" | "reset" | undefined;
}

/** A server that speaks no protocol: what it does is up to each test. */
export interface RawServer {
  readonly port: number;
  readonly connections: readonly RawConnection[];
  stop(): void;
}

/** Starts one; `onData` is called at each read of a connection, `index` counts connections from 0. */
export async function startRawServer(
  onData: (connection: RawConnection, index: number) => void,
): Promise<RawServer> {
  const connections: RawConnection[] = [];
  const server = createServer((socket) => {
    const parts: Buffer[] = [];
    const index = connections.length;
    let ended: RawConnection["ended"];
    const connection: RawConnection = {
      socket,
      text: () => Buffer.concat(parts).toString("latin1"),
      get bytes() {
        return parts.reduce((sum, part) => sum + part.length, 0);
      },
      get ended() {
        return ended;
      },
    };
    connections.push(connection);
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      parts.push(bytes);
      onData(connection, index);
    });
    socket.on("end", () => (ended ??= "close"));
    socket.on("close", () => (ended ??= "close"));
    socket.on("error", () => (ended ??= "reset"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    connections,
    stop() {
      for (const { socket } of connections) socket.destroy();
      server.close();
    },
  };
}

/** How many whole requests without a body, or with the body `{}`, a connection has brought. */
export function requestsIn(connection: RawConnection): number {
  return connection.text().split("\r\n\r\n{}").length - 1;
}

/** A whole answer with this body. */
export function answerOf(body: string, ...headers: string[]): string {
  const lines = ["HTTP/1.1 200 OK", `content-length: ${Buffer.byteLength(body)}`, ...headers];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
