import type { CallBodies } from "../model/recorded-body.ts";
import { bytesOf } from "./bodies/body-queue.ts";
import type { SealKey } from "./bodies/body-seal.ts";
import type { JournalProgress } from "./journal-progress.ts";
import type { FromWriter, ToWriter } from "./writer-messages.ts";

const RESTART_MS = 500;
/** Bodies that the store has not taken in yet. */
const MAX_WAITING_BYTES = 32 * 1024 ** 2;

/** What the store writer works on. */
export interface WriterThreadOptions {
  readonly storePath: string;
  readonly journalFolder: string;
  readonly progress: JournalProgress;
  /** What recorded bodies are sealed under; undefined means that none are kept. */
  readonly sealKey: SealKey | undefined;
}

/** The main thread's hold on the store writer's thread. Starts it again where it dies. */
export class WriterThread {
  readonly #options: WriterThreadOptions;
  #sealKey: SealKey | undefined;
  #worker: Worker;
  #failure: string | undefined;
  #rejectedLines = 0;
  #rejectedBefore = 0;
  #waitingBytes = 0;
  #droppedBodies = 0;
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(options: WriterThreadOptions) {
    this.#options = options;
    this.#sealKey = options.sealKey;
    this.#worker = this.#start();
  }

  /** Why the tables can't be written, or undefined while they can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get rejectedLines(): number {
    return this.#rejectedBefore + this.#rejectedLines;
  }

  /** Calls whose bodies were given up. */
  get droppedBodies(): number {
    return this.#droppedBodies;
  }

  /** Hands bodies over; they are given up where too many wait already. */
  keepBodies(bodies: CallBodies): void {
    const bytes = bytesOf(bodies);
    if (this.#sealKey === undefined || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.#droppedBodies++;
      return;
    }
    this.#waitingBytes += bytes;
    const message: ToWriter = { kind: "keep-bodies", bodies };
    this.#worker.postMessage(
      message,
      bodies.bodies.map((body) => body.bytes.buffer),
    );
  }

  /** Bodies that are handed over from now on are sealed under this. */
  sealBodiesWith(sealKey: SealKey): void {
    this.#sealKey = sealKey;
    this.#send(this.#worker, { kind: "seal-key", sealKey });
  }

  /** Lets it move what is left and ends it; after `timeoutMs` it is ended as it is. Whether all was moved. */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#stopped ??= Promise.withResolvers<void>();
    this.#send(this.#worker, { kind: "stop" });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    this.#stopped.promise.then(() => resolve(true));
    const isAllMoved = await promise;
    clearTimeout(timer);
    this.#worker.terminate();
    return isAllMoved;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./writer-worker.ts", import.meta.url).href, { smol: true });
    worker.onmessage = (event: MessageEvent<FromWriter>) => this.#receive(event.data);
    worker.onerror = (event) => this.#startAgain(event.message);
    this.#send(worker, {
      kind: "start",
      storePath: this.#options.storePath,
      journalFolder: this.#options.journalFolder,
      memory: this.#options.progress.memory,
      sealKey: this.#sealKey,
    });
    return worker;
  }

  #receive(message: FromWriter): void {
    if (message.kind === "stopped") {
      this.#stopped?.resolve();
    } else if (message.kind === "bodies-kept") {
      this.#waitingBytes -= message.bytes;
    } else {
      this.#failure = message.failure;
      this.#rejectedLines = message.rejectedLines;
    }
  }

  #startAgain(reason: string): void {
    this.#failure = `the store writer's thread died: ${reason}`;
    this.#rejectedBefore += this.#rejectedLines;
    this.#rejectedLines = 0;
    this.#worker.terminate();
    // What it held is lost with it.
    this.#waitingBytes = 0;
    setTimeout(() => {
      this.#worker = this.#start();
      if (this.#stopped !== undefined) this.#send(this.#worker, { kind: "stop" });
    }, RESTART_MS);
  }

  #send(worker: Worker, message: ToWriter): void {
    worker.postMessage(message);
  }
}
