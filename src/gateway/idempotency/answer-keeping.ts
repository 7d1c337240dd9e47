import type { GatewayError } from "../../model/gateway-error.ts";

/** Where a stream writes to. `write` gives a promise where it does not keep up. */
export interface StreamSink {
  write(bytes: Uint8Array): unknown;
  flush(): unknown;
  end(): unknown;
}

/** A stream for a client that can be led elsewhere first. */
export interface LeadableStream {
  /** Begins to write. */
  openTo(sink: StreamSink): void;
  /** Nobody wants it any more. */
  abandon(): void;
}

/** What a call that is to be carried out once asks of whoever keeps its answer. */
export interface AnswerKeeping {
  /** Leads a stream past the keeper; gives what the client reads. */
  follow(stream: LeadableStream): ReadableStream<Uint8Array>;
  /** The call has ended; what its stream still says are its last words. */
  settled(failure: GatewayError | undefined): void;
}
