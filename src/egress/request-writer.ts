/** What the writer needs of a socket: how many bytes were taken, or -1 where it is closed. */
export interface ByteSocket {
  write(bytes: Uint8Array, offset: number, length: number): number;
}

/** A body as it lies in memory: parts are sent one behind the other, never joined. */
export type RequestBody = Uint8Array | string | readonly Uint8Array[];

/**
 * Small requests are put together here and leave in one write, which costs a copy of some hundred bytes and saves a
 * system call and a packet. One for the thread: it is empty again when `send` returns.
 */
const gathered = Buffer.allocUnsafeSlow(16 * 1024);
const encoder = new TextEncoder();

/** The body as one piece. */
export function wholeBody(body: RequestBody): Uint8Array {
  if (typeof body === "string") return encoder.encode(body);
  return body instanceof Uint8Array ? body : Buffer.concat(body);
}

/** Writes requests to one socket, as fast as it takes them. */
export class RequestWriter {
  readonly #socket: ByteSocket;
  /** What the socket has not taken yet; parts of the caller's bodies are not copied. */
  #waiting: Uint8Array[] = [];
  #filled = 0;
  #taken = 0;
  #isRefused = false;

  constructor(socket: ByteSocket) {
    this.#socket = socket;
  }

  /** Whether the socket has taken the request wholly. */
  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether the socket has taken not a byte of the current request. */
  get isUnsent(): boolean {
    return this.#taken === 0;
  }

  /**
   * Sends a request: `head` up to the value of Content-Length, and the body. What the socket can't take yet waits for
   * `drain`. False where the socket is closed.
   */
  send(head: Uint8Array, body: RequestBody): boolean {
    this.#taken = 0;
    this.#filled = 0;
    this.#gather(head);
    const parts = typeof body === "string" ? encoder.encode(body) : body;
    if (parts instanceof Uint8Array) {
      this.#gatherLength(parts.byteLength);
      this.#gather(parts);
    } else {
      this.#gatherLength(parts.reduce((sum, part) => sum + part.byteLength, 0));
      for (const part of parts) this.#gather(part);
    }
    this.#flush();
    return !this.#isRefused;
  }

  /** The socket takes bytes again. */
  drain(): void {
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      const count = this.#write(next, next.byteLength);
      if (count < next.byteLength) {
        this.#waiting[0] = next.subarray(count);
        return;
      }
      this.#waiting.shift();
    }
  }

  #gatherLength(bytes: number): void {
    const text = `${bytes}\r\n\r\n`;
    if (gathered.byteLength - this.#filled < text.length) this.#flush();
    this.#filled += gathered.write(text, this.#filled, "latin1");
  }

  #gather(bytes: Uint8Array): void {
    if (bytes.byteLength > gathered.byteLength - this.#filled) {
      this.#flush();
    }
    if (bytes.byteLength > gathered.byteLength) this.#put(bytes);
    else {
      gathered.set(bytes, this.#filled);
      this.#filled += bytes.byteLength;
    }
  }

  #flush(): void {
    const length = this.#filled;
    this.#filled = 0;
    if (length === 0) return;
    // What has to wait is copied: the next request is put together in the same place.
    const count = this.#writeUnlessWaiting(gathered, length);
    if (count < length) this.#waiting.push(Buffer.from(gathered.subarray(count, length)));
  }

  #put(bytes: Uint8Array): void {
    const count = this.#writeUnlessWaiting(bytes, bytes.byteLength);
    if (count < bytes.byteLength) this.#waiting.push(bytes.subarray(count));
  }

  #writeUnlessWaiting(bytes: Uint8Array, length: number): number {
    return this.#waiting.length > 0 ? 0 : this.#write(bytes, length);
  }

  /** Gives how many bytes were taken. */
  #write(bytes: Uint8Array, length: number): number {
    const count = this.#socket.write(bytes, 0, length);
    if (count < 0) this.#isRefused = true;
    const taken = Math.max(0, count);
    this.#taken += taken;
    return taken;
  }
}
