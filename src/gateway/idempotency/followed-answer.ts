import type { KeptAnswers } from "../../policy/idempotency/kept-answers.ts";
import type { StreamSink } from "./answer-keeping.ts";

/** How far a client may lag behind a stream that is not kept. */
const MAX_LAG_BYTES = 1024 * 1024;

/** What happens to a followed answer. */
export interface FollowedAnswerEvents {
  /** All was said; undefined where it was more than is kept. */
  ended(bytes: Uint8Array | undefined): void;
  /** Neither the client nor anyone later will have it. */
  unneeded(): void;
}

/**
 * A streamed answer that is kept whole while its client reads it, at the client's own pace: a client that leaves ends
 * nothing. One that grows beyond what is kept becomes a plain stream: it waits for its client, and ends with it.
 */
export class FollowedAnswer implements StreamSink {
  /** What the client reads. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #answers: KeptAnswers;
  readonly #events: FollowedAnswerEvents;
  #parts: Uint8Array[] = [];
  /** The part that the client reads next. */
  #next = 0;
  #bytes = 0;
  #isKept = true;
  #isEnded = false;
  #isLeft = false;
  #more = Promise.withResolvers<void>();
  #caughtUp: PromiseWithResolvers<void> | undefined;

  constructor(answers: KeptAnswers, events: FollowedAnswerEvents) {
    this.#answers = answers;
    this.#events = events;
    this.body = new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#left(),
    });
  }

  write(bytes: Uint8Array): unknown {
    this.#bytes += bytes.byteLength;
    if (this.#isKept) this.#keepOrNot(bytes.byteLength);
    if (this.#isLeft && !this.#isKept) {
      this.#events.unneeded();
      return undefined;
    }
    this.#parts.push(bytes);
    this.#wake();
    return this.#isKept ? undefined : this.#whenCaughtUp();
  }

  flush(): void {}

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#wake();
    this.#events.ended(this.#isKept ? Buffer.concat(this.#parts) : undefined);
    this.#giveRoomBack();
  }

  /** Once it is kept elsewhere, and its client has read it or left. */
  #giveRoomBack(): void {
    const isNeeded = !this.#isEnded || (!this.#isLeft && this.#next < this.#parts.length);
    if (!this.#isKept || isNeeded) return;
    this.#isKept = false;
    this.#parts = [];
    this.#answers.letGo(this.#bytes);
  }

  #keepOrNot(bytes: number): void {
    const fits = this.#bytes <= this.#answers.maxAnswerBytes && this.#answers.hold(bytes);
    if (fits) return;
    this.#isKept = false;
    this.#answers.letGo(this.#bytes - bytes);
    this.#forgetRead();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      const part = this.#parts[this.#next];
      if (part !== undefined) {
        this.#next++;
        if (!this.#isKept) this.#forgetRead();
        controller.enqueue(part);
        return;
      }
      if (this.#isEnded) {
        this.#giveRoomBack();
        controller.close();
        return;
      }
      this.#caughtUp?.resolve();
      this.#caughtUp = undefined;
      await this.#more.promise;
    }
  }

  #forgetRead(): void {
    this.#parts = this.#parts.slice(this.#next);
    this.#next = 0;
  }

  #wake(): void {
    const more = this.#more;
    this.#more = Promise.withResolvers();
    more.resolve();
  }

  #whenCaughtUp(): Promise<void> | undefined {
    const lag = this.#parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (lag <= MAX_LAG_BYTES) return undefined;
    this.#caughtUp ??= Promise.withResolvers();
    return this.#caughtUp.promise;
  }

  #left(): void {
    this.#isLeft = true;
    this.#caughtUp?.resolve();
    this.#giveRoomBack();
    if (!this.#isKept && !this.#isEnded) this.#events.unneeded();
  }
}
