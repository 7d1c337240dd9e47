import type { Socket } from "node:net";

/** One client's socket, with waiting that ends as soon as the client has left. */
export class Connection {
  readonly id: number;
  readonly socket: Socket;
  /** When the client's close or reset was noticed, or ours was done. */
  closedAtMs: number | undefined;
  readonly #onClose = new Set<() => void>();

  constructor(id: number, socket: Socket) {
    this.id = id;
    this.socket = socket;
    // A FIN counts as leaving. Half-closed clients exist, but none of those an LLM provider serves.
    for (const event of ["end", "close", "error"] as const) socket.on(event, () => this.#closed());
  }

  get closed(): boolean {
    return this.closedAtMs !== undefined;
  }

  /** Resolves when the socket can take more; at once, without a promise, if it still can. */
  write(bytes: Buffer): Promise<void> | undefined {
    if (this.closed || this.socket.write(bytes)) return undefined;
    return this.#until((done) => {
      this.socket.once("drain", done);
      return () => this.socket.off("drain", done);
    });
  }

  /** One turn of the event loop: what was written before leaves as a packet of its own. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  wait(milliseconds: number): Promise<void> | undefined {
    if (milliseconds <= 0) return undefined;
    return this.#until((done) => {
      const timer = setTimeout(done, milliseconds);
      return () => clearTimeout(timer);
    });
  }

  untilClosed(): Promise<void> {
    return this.#until(() => () => undefined);
  }

  /** `start` is given what ends the wait, and returns how to call it off when the client leaves first. */
  #until(start: (done: () => void) => () => void): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const left = (): void => {
        cancel();
        resolve();
      };
      const cancel = start(() => {
        this.#onClose.delete(left);
        resolve();
      });
      this.#onClose.add(left);
    });
  }

  #closed(): void {
    if (this.closed) return;
    this.closedAtMs = Date.now();
    // Bytes still waiting for a reader that has gone would keep the socket half open.
    this.socket.destroy();
    for (const left of this.#onClose) left();
    this.#onClose.clear();
  }
}
