import { createServer, type Server, type Socket } from "node:net";
import type { CallLog } from "./call-log.ts";
import { Connection } from "./connection.ts";
import { type ParsedRequest, RequestParser } from "./http-parser.ts";
import type { ScenarioTable } from "./scenario-table.ts";
import { send } from "./send.ts";

/** How many connections came in all, and how many are open. */
export interface ConnectionCount {
  opened: number;
  open: number;
}

export interface DataServer {
  readonly server: Server;
  readonly connections: ConnectionCount;
}

/** The provider's side: raw TCP, so that packets, resets and silence are ours to decide. */
export function createDataServer(table: ScenarioTable, log: CallLog): DataServer {
  const connections: ConnectionCount = { opened: 0, open: 0 };
  const server = createServer({ noDelay: true }, (socket) => {
    connections.opened += 1;
    connections.open += 1;
    socket.on("close", () => {
      connections.open -= 1;
    });
    serveConnection(new Connection(connections.opened, socket), socket, table, log);
  });
  return { server, connections };
}

function serveConnection(connection: Connection, socket: Socket, table: ScenarioTable, log: CallLog): void {
  const parser = new RequestParser(() => connection.write(Buffer.from("HTTP/1.1 100 Continue\r\n\r\n")));
  const queue: ParsedRequest[] = [];
  let serving = false;
  let usable = true;

  // Answers leave in the order of their requests, so a pipelined one waits for those before it.
  async function serveQueue(): Promise<void> {
    serving = true;
    for (let request = queue.shift(); request !== undefined && usable; request = queue.shift()) {
      const { name, plan } = table.find(request);
      const record = log.open(request, connection.id, name);
      usable = await send(connection, plan, record);
      if (usable && !(request.keepAlive && plan.keepAlive)) {
        usable = false;
        socket.end();
      }
    }
    serving = false;
  }

  socket.on("data", (bytes: Buffer) => {
    if (!usable) return;
    try {
      queue.push(...parser.push(bytes));
    } catch (error) {
      usable = false;
      console.error(`replay server: connection ${connection.id}: ${error}`);
      socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    if (!serving && queue.length > 0) void serveQueue();
  });

  // Part of a request is a call too: bytes have reached the provider.
  socket.on("close", () => {
    const rest = parser.unfinished();
    if (rest === undefined) return;
    const record = log.open(rest, connection.id, "none");
    record.outcome = "client-closed";
    record.abortedAtMs = connection.closedAtMs ?? Date.now();
  });
}
