import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";

/** A provider in the test's own thread whose streams begin and go no further until they are let go. */
export interface HeldProvider {
  readonly url: string;
  /** Streams that are held. */
  held(): number;
  /** Connections that are open. */
  connections(): Promise<number>;
  /** Lets those that are held go on to their end. */
  release(): void;
  stop(): void;
}

/** Starts one. It answers every call with a stream of chat completions. */
export async function startHeldProvider(): Promise<HeldProvider> {
  const events = readStreamRecording(recordingFolders(), "openai/openai-chat-text").map(
    (payload) => `data: ${payload}\n\n`,
  );
  const held = new Set<ServerResponse>();
  const server = createServer((request, answer) => {
    request.resume().on("end", () => {
      answer.writeHead(200, { "content-type": "text/event-stream" });
      answer.write(events.slice(0, 3).join(""));
      held.add(answer);
    });
  });
  // What closes an idle connection is to be the gateway.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    held: () => held.size,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    release() {
      for (const answer of held) answer.end(`${events.slice(3).join("")}data: [DONE]\n\n`);
      held.clear();
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
