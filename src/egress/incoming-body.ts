import type { Answer, AnswerSink } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { EgressFailure } from "./failure.ts";

/** So much waits for a taker that has not come yet; beyond it the socket is not read. */
const MAX_UNCLAIMED_BYTES = 256 * 1024;
const NOTHING = new Uint8Array(0);

/** What can be held back. */
interface Pausable {
  pause(): void;
  resume(): void;
}

/** A body as the connection brings it, and whoever takes it. */
export class IncomingBody implements Answer, AnswerSink {
  readonly #head: AnswerHead;
  readonly #connection: Pausable | undefined;
  readonly #call: { abort(): void };
  #sink: AnswerSink | undefined;
  #unclaimed: Uint8Array[] = [];
  #unclaimedBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #failure: unknown;

  constructor(head: AnswerHead, connection: Pausable | undefined, call: { abort(): void }) {
    this.#head = head;
    this.#connection = connection;
    this.#call = call;
  }

  get status(): number {
    return this.#head.status;
  }

  header(name: string): string | undefined {
    return this.#head.get(name);
  }

  allHeaders(): Headers {
    return this.#head.all();
  }

  bytesHere(limitBytes: number): Uint8Array | undefined {
    const isHere = this.#isEnded && this.#failure === undefined && this.#unclaimed.length <= 1;
    return isHere && this.#unclaimedBytes <= limitBytes ? (this.#unclaimed[0] ?? NOTHING) : undefined;
  }

  bytes(limitBytes: number, onPart?: () => void): Promise<Uint8Array> {
    return collect(this, limitBytes, onPart);
  }

  flowTo(sink: AnswerSink): void {
    const isHeld = this.#unclaimedBytes > MAX_UNCLAIMED_BYTES;
    this.#isPaused = false;
    for (const part of this.#unclaimed) if (this.#failure === undefined) sink.data(part);
    this.#unclaimed = [];
    this.#sink = sink;
    if (this.#failure !== undefined) sink.fail(this.#failure);
    else if (this.#isEnded) sink.end();
    else if (isHeld && !this.#isPaused) this.resume();
  }

  pause(): void {
    this.#isPaused = true;
    if (!this.#isEnded) this.#connection?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isEnded) this.#connection?.resume();
  }

  abort(): void {
    this.#call.abort();
  }

  data(bytes: Uint8Array): void {
    if (this.#sink !== undefined) this.#sink.data(bytes);
    else {
      this.#unclaimed.push(bytes);
      this.#unclaimedBytes += bytes.byteLength;
      if (this.#unclaimedBytes > MAX_UNCLAIMED_BYTES) this.pause();
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#sink?.end();
  }

  fail(failure: unknown): void {
    this.#isEnded = true;
    this.#failure = failure;
    this.#sink?.fail(failure);
  }
}

/** Reads an answer's body to its end. Rejects with what it fails for, or `too-long`, and then it is given up. */
export function collect(answer: Answer, limitBytes: number, onPart?: () => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    answer.flowTo({
      data(bytes) {
        onPart?.();
        length += bytes.byteLength;
        parts.push(bytes);
        if (length <= limitBytes) return;
        reject(new EgressFailure("too-long", "TOO_LONG", `the answer is longer than ${limitBytes} bytes`));
        answer.abort();
      },
      end: () => resolve(joined(parts)),
      fail: reject,
    });
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
