import type { JournalProgress } from "./journal-progress.ts";
import type { FromWriter, ToWriter } from "./writer-messages.ts";

const RESTART_MS = 500;

/** The main thread's hold on the store writer's thread. Starts it again where it dies. */
export class WriterThread {
  readonly #storePath: string;
  readonly #journalFolder: string;
  readonly #progress: JournalProgress;
  #worker: Worker;
  #failure: string | undefined;
  #rejectedLines = 0;
  #rejectedBefore = 0;
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(storePath: string, journalFolder: string, progress: JournalProgress) {
    this.#storePath = storePath;
    this.#journalFolder = journalFolder;
    this.#progress = progress;
    this.#worker = this.#start();
  }

  /** Why the tables can't be written, or undefined while they can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get rejectedLines(): number {
    return this.#rejectedBefore + this.#rejectedLines;
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
      storePath: this.#storePath,
      journalFolder: this.#journalFolder,
      memory: this.#progress.memory,
    });
    return worker;
  }

  #receive(message: FromWriter): void {
    if (message.kind === "stopped") {
      this.#stopped?.resolve();
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
    setTimeout(() => {
      this.#worker = this.#start();
      if (this.#stopped !== undefined) this.#send(this.#worker, { kind: "stop" });
    }, RESTART_MS);
  }

  #send(worker: Worker, message: ToWriter): void {
    worker.postMessage(message);
  }
}
