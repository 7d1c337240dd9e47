import { readStreamRecording, readWholeRecording, recordingFolders } from "../upstream/recordings.ts";

/** A provider in the test's own thread, which can look around at the moment the first byte of a call reaches it. */
export interface WatchingProvider {
  readonly url: string;
  stop(): void;
}

/** What a test does when a call comes in. `Seen` is what it saw at the first byte. */
export interface Watch<Seen> {
  /** Called before anything else happens with a call. */
  onFirstByte(): Seen;
  /** Called when the call is here wholly, with what was seen at its own first byte. */
  onRequest?(text: string, seen: Seen): void;
  /** False: nobody is ever answered. */
  readonly answers?: boolean;
}

interface Connection<Seen> {
  request: string;
  seen: Seen | undefined;
}

const RECORDING = "openai/openai-chat-usage";

/** Starts one that answers every call as the recording says. */
export function startWatchingProvider<Seen>(watch: Watch<Seen>): WatchingProvider {
  const whole = readWholeRecording(recordingFolders(), "openai/openai-chat-text");
  const events = readStreamRecording(recordingFolders(), RECORDING).map((payload) => `data: ${payload}\n\n`);
  const stream = `${events.join("")}data: [DONE]\n\n`;
  const server = Bun.listen<Connection<Seen>>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { request: "", seen: undefined };
      },
      data(socket, bytes) {
        if (socket.data.request === "") socket.data.seen = watch.onFirstByte();
        socket.data.request += bytes.toString();
        if (!isComplete(socket.data.request)) return;
        const { request, seen } = socket.data;
        socket.data = { request: "", seen: undefined };
        if (seen !== undefined) watch.onRequest?.(request, seen);
        if (watch.answers === false) return;
        const isStream = /"stream": ?true/.test(request);
        const body = isStream ? stream : whole;
        socket.write(head(isStream, Buffer.byteLength(body)));
        socket.write(body);
      },
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

function head(isStream: boolean, length: number): string {
  const type = isStream ? "text/event-stream" : "application/json";
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
}

function isComplete(request: string): boolean {
  const end = request.indexOf("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? Number.NaN);
  return end !== -1 && Buffer.byteLength(request.slice(end + 4)) >= length;
}
