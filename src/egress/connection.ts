import type { Endpoint, Origin } from "./endpoint.ts";
import { codeOf, EgressFailure } from "./failure.ts";
import { type RequestBody, RequestWriter } from "./request-writer.ts";

/** What a connection serves: one request and its answer. */
export interface Served {
  readonly endpoint: Endpoint;
  readonly body: RequestBody;
  /** Bytes of the answer. Throws where they are none. */
  receive(bytes: Uint8Array): void;
  /** The connection is gone. `failure` is undefined where the server closed it in order. */
  lost(failure: EgressFailure | undefined): void;
  /** `receive` has thrown. */
  broke(thrown: unknown): void;
}

/** Who opened a connection and gets it back. */
export interface ConnectionOwner {
  /** Connected, its certificate verified. */
  ready(connection: Connection): void;
  /** No connection came of it. */
  failed(connection: Connection, failure: EgressFailure): void;
  /** It was ready, and is no more. It serves nobody now. */
  closed(connection: Connection): void;
}

/** A TLS handshake that takes longer never ends. */
const HANDSHAKE_LIMIT_MS = 60_000;
/** `http/1.1`, as TLS says it (RFC 7301): some servers would choose HTTP/2 for a client that names nothing. */
const PROTOCOLS = Buffer.from("\x08http/1.1");

type State = "connecting" | "ready" | "closed";
type RawSocket = Bun.Socket<Connection>;

/** One connection to a server, for one request at a time. */
export class Connection {
  readonly #owner: ConnectionOwner;
  readonly #isSecure: boolean;
  #socket: RawSocket | undefined;
  #writer: RequestWriter | undefined;
  #state: State = "connecting";
  #served: Served | undefined;
  #limit: Timer | undefined;
  #isPaused = false;
  /** When it became ready, on the clock of `performance.now()`. */
  readySinceMs = 0;
  /** Until when it may wait for another request. */
  idleUntilMs = 0;

  /** Begins to connect to one address of the origin. The owner is told how that went, never within this call. */
  constructor(origin: Origin, address: string, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#isSecure = origin.isSecure;
    const options = { hostname: address, port: origin.port, data: this, socket: HANDLERS };
    // The handlers tell what happens; the promise says it again.
    Bun.connect<Connection>(this.#isSecure ? { ...options, tls: tlsOf(origin) } : options).catch(() => {});
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** Whether the request has left wholly, so that another may follow. */
  get isWritten(): boolean {
    return this.#writer?.isDone === true;
  }

  /** Whether not a byte of the current request has left this process. */
  get isUnsent(): boolean {
    return this.#writer?.isUnsent !== false;
  }

  /** Sends a request; what comes is its answer. The connection must be ready and serve nobody. */
  serve(served: Served): void {
    this.#served = served;
    const isTaken = this.#writer?.send(served.endpoint.head, served.body);
    // Closed since its last answer, and nothing has told us yet.
    if (isTaken !== true) this.#close(undefined);
  }

  /** The current request has been answered. */
  rest(): void {
    this.#served = undefined;
    this.resume();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Closes it in order, between two requests. */
  end(): void {
    this.#served = undefined;
    this.#socket?.end();
  }

  /** Cuts it at once. Whoever it serves hears nothing. */
  cut(): void {
    this.#served = undefined;
    this.#socket?.terminate();
  }

  static opened(socket: RawSocket): void {
    const connection = socket.data;
    connection.#socket = socket;
    if (connection.#isSecure) {
      connection.#limit = setTimeout(() => socket.terminate(), HANDSHAKE_LIMIT_MS);
      connection.#limit.unref();
    } else connection.#becomeReady(socket);
  }

  /** The runtime has checked chain and name; a socket that it does not call authorized is never written to. */
  static shookHands(socket: RawSocket, isTrusted: boolean, problem: Error | null): void {
    const connection = socket.data;
    if (isTrusted && socket.authorized) connection.#becomeReady(socket);
    else {
      const code = codeOf(problem) || "UNVERIFIED_CERTIFICATE";
      connection.#fail(new EgressFailure("untrusted", code, problem?.message, problem));
      socket.terminate();
    }
  }

  static received(socket: RawSocket, bytes: Uint8Array): void {
    const connection = socket.data;
    const served = connection.#served;
    try {
      // Nobody asked: what follows would be taken for the answer to the next request.
      if (served === undefined) connection.cut();
      else served.receive(bytes);
    } catch (thrown) {
      served?.broke(thrown);
    }
  }

  static drained(socket: RawSocket): void {
    const writer = socket.data.#writer;
    if (writer !== undefined && !writer.isDone) writer.drain();
  }

  static closed(socket: RawSocket, problem: Error | undefined): void {
    socket.data.#close(problem);
  }

  static notConnected(socket: RawSocket, problem: Error): void {
    const code = codeOf(problem) || "NO_CONNECTION";
    socket.data.#fail(new EgressFailure("unreachable", code, problem.message, problem));
  }

  #becomeReady(socket: RawSocket): void {
    clearTimeout(this.#limit);
    this.#writer = new RequestWriter(socket);
    this.#state = "ready";
    this.readySinceMs = performance.now();
    this.#owner.ready(this);
  }

  #fail(failure: EgressFailure): void {
    if (this.#state !== "connecting") return;
    clearTimeout(this.#limit);
    this.#state = "closed";
    this.#owner.failed(this, failure);
  }

  #close(problem: Error | undefined): void {
    const code = codeOf(problem);
    // Before the handshake's end nothing of a request has gone out.
    this.#fail(new EgressFailure("unreachable", code || "CLOSED_IN_HANDSHAKE", problem?.message, problem));
    if (this.#state === "closed") return;
    this.#state = "closed";
    const served = this.#served;
    this.#served = undefined;
    this.#owner.closed(this);
    served?.lost(
      problem === undefined ? undefined : new EgressFailure("interrupted", code, problem.message, problem),
    );
  }
}

/** One object for all sockets; each finds its connection in its data. */
const HANDLERS = {
  binaryType: "uint8array",
  open: (socket: RawSocket) => Connection.opened(socket),
  handshake: (socket: RawSocket, isTrusted: boolean, problem: Error | null) =>
    Connection.shookHands(socket, isTrusted, problem),
  data: (socket: RawSocket, bytes: Uint8Array) => Connection.received(socket, bytes),
  drain: (socket: RawSocket) => Connection.drained(socket),
  close: (socket: RawSocket, problem?: Error) => Connection.closed(socket, problem),
  /** A TLS session that failed; the socket closes by itself. */
  error: () => {},
  connectError: (socket: RawSocket, problem: Error) => Connection.notConnected(socket, problem),
} as const;

/** The name that the certificate must be for is the origin's, whatever address it was resolved to. */
function tlsOf({ hostname, ca }: Origin): Bun.TLSOptions {
  return {
    serverName: hostname,
    rejectUnauthorized: true,
    ALPNProtocols: PROTOCOLS,
    ...(ca === undefined ? {} : { ca }),
  };
}
