import { connect, type Socket } from "node:net";

/** A port to which nobody can connect, until its end. */
export interface FullQueue {
  readonly port: number;
  end(): void;
}

/**
 * An address that takes no connection and refuses none: a stopped process whose queue of connections is full, where
 * Linux drops further SYNs. Undefined where that can't be brought about.
 */
export async function fullQueue(): Promise<FullQueue | undefined> {
  const program = `const s = require("net").createServer(); s.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(s.address().port));`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stdin: "ignore" });
  const sockets: Socket[] = [];
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
  };
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  child.kill("SIGSTOP");
  for (let tried = 0; tried < 5000; tried += 1) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    sockets.push(socket);
    const connected = await Promise.race([
      new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true))),
      Bun.sleep(200).then(() => false),
    ]);
    if (!connected) return { port, end };
  }
  end();
  return undefined;
}
