/** Takes an answer's body as it comes. After `end` or `fail` nothing more comes. */
export interface AnswerSink {
  /** The bytes are the taker's own: nobody else holds or changes them. */
  data(bytes: Uint8Array): void;
  end(): void;
  /** An `EgressFailure`, or what a local provider threw. */
  fail(failure: unknown): void;
}

/** An answer whose head is here. Its body is taken once, in one of the two ways; one that nobody wants is aborted. */
export interface Answer {
  readonly status: number;
  /** The value of a header by its lower-case name; several of one name are joined by commas (RFC 9110, 5.3). */
  header(name: string): string | undefined;
  /** All headers; made for the asking, so better not for every answer. */
  allHeaders(): Headers;
  /**
   * The whole body where nothing of it has to be waited for, as mostly where it is short: it came with the head.
   * Undefined also for one of more than `limitBytes`.
   */
  bytesHere(limitBytes: number): Uint8Array | undefined;
  /**
   * The whole body. Rejects with an EgressFailure; longer than `limitBytes` is `too-long`. `onPart` is called at each
   * read on the way.
   */
  bytes(limitBytes: number, onPart?: () => void): Promise<Uint8Array>;
  /** Gives the body to a sink from now on, what has come already at once. */
  flowTo(sink: AnswerSink): void;
  /** Stops reading from the network; what has been read already still comes. */
  pause(): void;
  resume(): void;
  /** Gives the answer up: the connection is cut, and the taker told `aborted`. After the end it does nothing. */
  abort(): void;
}

/** A request under way. */
export interface Call {
  /** Rejects with an EgressFailure. */
  readonly answer: Promise<Answer>;
  /** Whether there is a connection (certificate verified) to the server by now, as far as can be known. */
  readonly isConnected: boolean;
  /** Gives the call up in whatever phase it is, at once. */
  abort(): void;
}
