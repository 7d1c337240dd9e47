import type { Answer, Call } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { framingOf, keepAliveHintMs, keepsAlive } from "./body-framing.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import type { Connection, Served } from "./connection.ts";
import { decoded } from "./content-decoding.ts";
import type { Endpoint } from "./endpoint.ts";
import { EgressFailure } from "./failure.ts";
import { HeadReader } from "./head-reader.ts";
import { IncomingBody } from "./incoming-body.ts";
import type { RequestBody } from "./request-writer.ts";

/** What an exchange does with a connection. */
export type Carrier = Pick<
  Connection,
  "serve" | "rest" | "pause" | "resume" | "cut" | "isWritten" | "isUnsent"
>;

/** Where an exchange gets its connection from and gives it back to. */
export interface ConnectionSource {
  acquire(exchange: Exchange): void;
  /** Takes the exchange out of the line, where it still waits. */
  withdraw(exchange: Exchange): void;
  /** The answer is whole and the connection good for another. `hintMs` is how long the server keeps it. */
  release(connection: Carrier, hintMs: number | undefined): void;
}

/** One request and its answer: on the wire from `begin` to the body's last byte. */
export class Exchange implements Call, Served {
  readonly endpoint: Endpoint;
  readonly body: RequestBody;
  readonly answer: Promise<Answer>;
  readonly #source: ConnectionSource;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (failure: unknown) => void;
  readonly #reader = new HeadReader();
  #connection: Carrier | undefined;
  #isReused = false;
  #hasAnswer = false;
  #head: AnswerHead | undefined;
  #incoming: IncomingBody | undefined;
  /** Bytes that the body still lacks; unused where its end is told otherwise. */
  #left = Number.POSITIVE_INFINITY;
  #chunks: ChunkedDecoder | undefined;
  #isUntilClose = false;
  #isOver = false;

  constructor(endpoint: Endpoint, body: RequestBody, source: ConnectionSource) {
    this.endpoint = endpoint;
    this.body = body;
    this.#source = source;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Sends the request on a connection; `isReused` where it has served another before. */
  begin(connection: Carrier, isReused: boolean): void {
    this.#connection = connection;
    this.#isReused = isReused;
    connection.serve(this);
  }

  abort(): void {
    if (this.#isOver) return;
    this.#source.withdraw(this);
    this.#cut();
    this.fail(new EgressFailure("aborted", "ABORTED", "the call was given up"));
  }

  receive(bytes: Uint8Array): void {
    this.#hasAnswer = true;
    if (this.#incoming === undefined) this.#takeHead(bytes);
    else this.#takeBody(this.#incoming, bytes);
  }

  /**
   * The connection is gone before the answer was whole.
   *
   * A server may close a kept connection at the very moment that a request is written to it. Calls here cost money and
   * are not idempotent, and RFC 9112, 9.3.1 allows to repeat such a request only where it is known that it was never
   * applied. That is known in one case: the socket has taken not a byte of it. Once bytes went out, a close without an
   * answer proves nothing (undici errors a POST there too), so that is `interrupted`.
   */
  lost(failure: EgressFailure | undefined): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined || this.#isOver) return;
    const incoming = this.#incoming;
    // Only an orderly close ends a body that has no other end.
    const isWhole = failure === undefined && this.#isUntilClose;
    if (this.#isReused && !this.#hasAnswer && connection.isUnsent) this.#source.acquire(this);
    else if (isWhole && incoming !== undefined) this.#end(incoming, false);
    else this.fail(failure ?? new EgressFailure("interrupted", "", "the server closed the connection"));
  }

  /** What came is no answer, or its taker can't go on. */
  broke(thrown: unknown): void {
    this.#cut();
    this.fail(thrown);
  }

  /** Ends the call where it stands. */
  fail(failure: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reject(failure);
    this.#incoming?.fail(failure);
  }

  #takeHead(bytes: Uint8Array): void {
    const read = this.#reader.push(bytes);
    if (read === undefined) return;
    const incoming = this.#openBody(read.head);
    const answer = decoded(read.head, incoming);
    this.#takeBody(incoming, read.rest);
    this.#resolve(answer);
  }

  #openBody(head: AnswerHead): IncomingBody {
    const framing = framingOf(this.endpoint.method, head);
    if (framing.kind === "length") this.#left = framing.bytes;
    this.#isUntilClose = framing.kind === "until-close";
    if (framing.kind === "chunked") this.#chunks = new ChunkedDecoder();
    this.#head = head;
    this.#incoming = new IncomingBody(head, this.#connection, this);
    return this.#incoming;
  }

  #takeBody(incoming: IncomingBody, bytes: Uint8Array): void {
    if (this.#chunks !== undefined) this.#takeChunks(incoming, this.#chunks, bytes);
    else this.#takeBytes(incoming, bytes);
  }

  #takeBytes(incoming: IncomingBody, bytes: Uint8Array): void {
    const isLast = bytes.byteLength >= this.#left;
    const own = bytes.byteLength > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= own.byteLength;
    if (own.byteLength > 0) incoming.data(own);
    if (isLast) this.#end(incoming, own.byteLength === bytes.byteLength);
  }

  #takeChunks(incoming: IncomingBody, chunks: ChunkedDecoder, bytes: Uint8Array): void {
    const { data, used } = chunks.decode(bytes);
    if (data.byteLength > 0) incoming.data(data);
    if (chunks.isDone) this.#end(incoming, used === bytes.byteLength);
  }

  /**
   * The answer is whole, unless its taker has just given it up. Bytes behind it belong to nothing that was asked, and a
   * request that has not left wholly would run into the next one: such a connection serves nobody again.
   */
  #end(incoming: IncomingBody, isClean: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const connection = this.#connection;
    const head = this.#head;
    this.#connection = undefined;
    connection?.rest();
    if (isClean && connection?.isWritten === true && head !== undefined && keepsAlive(head)) {
      this.#source.release(connection, keepAliveHintMs(head));
    } else connection?.cut();
    incoming.end();
  }

  #cut(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.cut();
  }
}
