import type { RequestRow } from "../../storage/schema.ts";
import type { SealKey } from "../bodies/body-seal.ts";
import type { BodyQuestion, FoundBody } from "../bodies/body-table.ts";
import type { RowExportOrder } from "../export/row-export.ts";
import type { ExportPart } from "../export/table-text.ts";
import type { UsageExportOrder } from "../export/usage-export.ts";
import type { LoggedRequest, RequestQuery } from "../requests/request-log.ts";
import type { FoundRows } from "../requests/row-search.ts";
import type { RouteResults, RouteResultsQuery } from "../routes/route-results.ts";
import type { UsagePlace, UsageQuery, UsageReport } from "../usage/usage-query.ts";
import type { LedgerReader } from "./ledger-reader.ts";
import type { FromReader, Question, ToReader } from "./reader-messages.ts";

/** A thread costs some ten megabytes, and few questions are asked: it ends when none has been for so long. */
const IDLE_MS = 60_000;
const LOOK_MS = 10_000;

interface Waiting {
  resolve(answer: unknown): void;
  reject(failure: Error): void;
}

/** The main thread's hold on the reading thread, which is begun by the first question. */
export class ReaderThread implements LedgerReader {
  readonly #storePath: string;
  #sealKeys: readonly SealKey[];
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;
  #askedAtMs = 0;
  #idleTimer: Timer | undefined;
  #isClosed = false;

  /** `sealKeys`: what bodies may be sealed under. */
  constructor(storePath: string, sealKeys: readonly SealKey[]) {
    this.#storePath = storePath;
    this.#sealKeys = sealKeys;
  }

  /** From now on bodies may be sealed under these. */
  takeSealKeys(sealKeys: readonly SealKey[]): void {
    this.#sealKeys = sealKeys;
    if (this.#worker !== undefined) this.#tellStart(this.#worker);
  }

  usage(query: UsageQuery): Promise<UsageReport> {
    return this.#ask({ kind: "usage", input: query });
  }

  usageExport(order: UsageExportOrder): Promise<ExportPart<UsagePlace>> {
    return this.#ask({ kind: "usageExport", input: order });
  }

  requests(query: RequestQuery): Promise<FoundRows<RequestRow>> {
    return this.#ask({ kind: "requests", input: query });
  }

  request(id: string): Promise<LoggedRequest | undefined> {
    return this.#ask({ kind: "request", input: id });
  }

  body(question: BodyQuestion): Promise<FoundBody | undefined> {
    return this.#ask({ kind: "body", input: question });
  }

  rowExport(order: RowExportOrder): Promise<ExportPart<string>> {
    return this.#ask({ kind: "rowExport", input: order });
  }

  routeResults(query: RouteResultsQuery): Promise<RouteResults> {
    return this.#ask({ kind: "routeResults", input: query });
  }

  close(): void {
    this.#isClosed = true;
    this.#end("the gateway is ending");
  }

  /** The worker answers each question by what the reader of the same name gives. */
  #ask<Answer>(question: Question): Promise<Answer> {
    if (this.#isClosed) return Promise.reject(new Error("the gateway is ending"));
    const number = ++this.#asked;
    this.#askedAtMs = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.set(number, { resolve: (answer) => resolve(answer as Answer), reject });
    this.#worker ??= this.#start();
    send(this.#worker, { kind: "ask", number, question });
    return promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./reader-worker.ts", import.meta.url).href, { smol: true });
    worker.onmessage = (event: MessageEvent<FromReader>) => this.#receive(event.data);
    worker.onerror = (event) => this.#end(`the reading thread died: ${event.message}`);
    this.#tellStart(worker);
    this.#idleTimer = setInterval(() => this.#endIfIdle(), LOOK_MS);
    this.#idleTimer.unref();
    return worker;
  }

  #tellStart(worker: Worker): void {
    send(worker, { kind: "start", storePath: this.#storePath, sealKeys: this.#sealKeys });
  }

  #receive(message: FromReader): void {
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if ("failure" in message) waiting?.reject(new Error(message.failure));
    else waiting?.resolve(message.answer);
  }

  #endIfIdle(): void {
    if (this.#waiting.size === 0 && performance.now() - this.#askedAtMs > IDLE_MS) this.#end("");
  }

  #end(reason: string): void {
    clearInterval(this.#idleTimer);
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}

function send(worker: Worker, message: ToReader): void {
  worker.postMessage(message);
}
