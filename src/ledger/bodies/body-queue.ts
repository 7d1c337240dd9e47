import type { CallBodies } from "../../model/recorded-body.ts";

/** How much of a call is kept, in bytes. */
export function bytesOf({ bodies }: CallBodies): number {
  return bodies.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}

/** Calls' bodies that wait for the store. */
export class BodyQueue {
  #waiting: CallBodies[] = [];

  add(bodies: CallBodies): void {
    this.#waiting.push(bodies);
  }

  /**
   * Has all that waits written, and gives how many bytes that was; what `write` throws leaves it waiting.
   */
  flush(write: (calls: readonly CallBodies[]) => void): number {
    if (this.#waiting.length === 0) return 0;
    write(this.#waiting);
    const bytes = this.#waiting.reduce((sum, call) => sum + bytesOf(call), 0);
    this.#waiting = [];
    return bytes;
  }
}
