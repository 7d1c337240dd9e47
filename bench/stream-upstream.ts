/**
 * A provider that streams, over bare sockets, so that it costs little beside the contender. A process of its own:
 * `bun stream-upstream.ts <port> paced <content events> <ms between>` sends a whole answer and ends it;
 * `paced-messages` does the same in Anthropic's dialect;
 * `bun stream-upstream.ts <port> held <ms between>` never ends. `GET /open` says how many streams are open.
 */
import { createServer, type Socket } from "node:net";
import { contentEvent, streamEvents } from "./chat-events.ts";
import { chunk, LAST_CHUNK, RequestReader } from "./http-framing.ts";
import { messageStreamEvents } from "./messages-events.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

const [port, mode, ...numbers] = process.argv.slice(2);
const isHeld = mode === "held";
const milliseconds = Number(numbers.at(-1));
const paced = mode === "paced-messages" ? messageStreamEvents : streamEvents;
const events = isHeld ? [chunk(contentEvent(0, false))] : paced(Number(numbers[0])).map(chunk);
let open = 0;

/** Sends the events one by one on a clock, the first at once. Gives the function that ends the stream. */
function stream(socket: Socket): () => void {
  let sent = 0;
  let isOpen = true;
  open++;
  const end = () => {
    if (isOpen) open--;
    isOpen = false;
    clearInterval(timer);
  };
  const next = () => {
    const bytes = events[isHeld ? 0 : sent++];
    if (bytes) socket.write(bytes);
    if (sent < events.length || isHeld) return;
    socket.write(LAST_CHUNK);
    end();
  };
  const timer = setInterval(next, milliseconds);
  socket.write(HEAD);
  next();
  return end;
}

function sayOpen(socket: Socket): void {
  const text = String(open);
  socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`);
}

const server = createServer((socket) => {
  const reader = new RequestReader();
  let end = () => {};
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("close", () => end());
  socket.on("data", (bytes: Buffer) => {
    for (const line of reader.push(bytes)) {
      if (line.startsWith("GET /open")) sayOpen(socket);
      else end = stream(socket);
    }
  });
});
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
