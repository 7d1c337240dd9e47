/** A request as its bytes said it. */
export interface ParsedRequest {
  readonly method: string;
  /** As in the request line, query included. */
  readonly path: string;
  /** In the order and with the capitals they came in. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly keepAlive: boolean;
  /** When the request's first byte was read. */
  readonly receivedAtMs: number;
}

type Head = Omit<ParsedRequest, "body">;
type State = "head" | "fixed-body" | "chunk-size" | "chunk-data" | "chunk-end" | "trailers";

const NOTHING = Buffer.alloc(0);
const LINE_END = "\r\n";
const MAX_HEAD_BYTES = 256 * 1024;

/** Finds requests in the bytes of one connection, however they are cut. Lenient: it reads our own side's calls. */
export class RequestParser {
  #state: State = "head";
  #pending: Buffer = NOTHING;
  #head: Head | undefined;
  #body: Buffer[] = [];
  #remaining = 0;
  #startedAtMs = 0;
  readonly #onExpectContinue: () => void;

  constructor(onExpectContinue: () => void) {
    this.#onExpectContinue = onExpectContinue;
  }

  /** The requests that these bytes complete; more than one if they were pipelined. Throws on what is no HTTP. */
  push(bytes: Buffer): ParsedRequest[] {
    if (this.#head === undefined && this.#pending.length === 0) this.#startedAtMs = Date.now();
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const requests: ParsedRequest[] = [];
    let before: number;
    let state: State;
    do {
      before = this.#pending.length;
      state = this.#state;
      this.#step(requests);
    } while (this.#pending.length !== before || this.#state !== state);
    return requests;
  }

  /** What was read of a request that isn't complete. */
  unfinished(): ParsedRequest | undefined {
    if (this.#head !== undefined) return { ...this.#head, body: Buffer.concat(this.#body) };
    if (this.#pending.length === 0) return undefined;
    const receivedAtMs = this.#startedAtMs;
    return { method: "", path: "", headers: [], body: this.#pending, keepAlive: false, receivedAtMs };
  }

  #step(requests: ParsedRequest[]): void {
    switch (this.#state) {
      case "head":
        this.#readHead(requests);
        return;
      case "fixed-body":
        if (this.#takeBody()) requests.push(this.#complete());
        return;
      case "chunk-size": {
        const line = this.#takeThrough(LINE_END);
        if (line === undefined) return;
        this.#remaining = Number.parseInt(line, 16); // stops at a chunk extension's semicolon
        if (Number.isNaN(this.#remaining)) throw new Error(`no chunk size: ${line}`);
        this.#state = this.#remaining === 0 ? "trailers" : "chunk-data";
        return;
      }
      case "chunk-data":
        if (this.#takeBody()) this.#state = "chunk-end";
        return;
      case "chunk-end":
        if (this.#takeThrough(LINE_END) !== undefined) this.#state = "chunk-size";
        return;
      case "trailers":
        if (this.#takeThrough(LINE_END) === "") requests.push(this.#complete());
        return;
    }
  }

  #readHead(requests: ParsedRequest[]): void {
    const text = this.#takeThrough(LINE_END + LINE_END);
    if (text === undefined) {
      if (this.#pending.length > MAX_HEAD_BYTES) throw new Error("the head of the request has no end");
      return;
    }
    const [requestLine = "", ...lines] = text.split(LINE_END);
    const [method = "", path = "", version = ""] = requestLine.split(" ");
    if (!version.startsWith("HTTP/1.")) throw new Error(`no request line: ${requestLine.slice(0, 80)}`);
    const headers = lines.map((line): readonly [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const value = (name: string): string =>
      headers.find((header) => header[0].toLowerCase() === name)?.[1].toLowerCase() ?? "";
    const keepAlive = version === "HTTP/1.1" && value("connection") !== "close";
    this.#head = { method, path, headers, keepAlive, receivedAtMs: this.#startedAtMs };
    if (value("expect") === "100-continue") this.#onExpectContinue();
    this.#remaining = Number(value("content-length"));
    if (value("transfer-encoding").includes("chunked")) this.#state = "chunk-size";
    else if (this.#remaining > 0) this.#state = "fixed-body";
    else requests.push(this.#complete());
  }

  #complete(): ParsedRequest {
    if (this.#head === undefined) throw new Error("a body without a head");
    const body = this.#body.length === 1 ? (this.#body[0] ?? NOTHING) : Buffer.concat(this.#body);
    const request = { ...this.#head, body };
    this.#head = undefined;
    this.#body = [];
    this.#state = "head";
    this.#startedAtMs = Date.now(); // of a pipelined request behind it
    return request;
  }

  /** Moves what there is of the body; true when it is complete. */
  #takeBody(): boolean {
    const part = this.#pending.subarray(0, this.#remaining);
    if (part.length > 0) this.#body.push(part);
    this.#pending = this.#pending.subarray(part.length);
    this.#remaining -= part.length;
    return this.#remaining === 0;
  }

  #takeThrough(mark: string): string | undefined {
    const end = this.#pending.indexOf(mark);
    if (end < 0) return undefined;
    const text = this.#pending.toString("latin1", 0, end);
    this.#pending = this.#pending.subarray(end + mark.length);
    return text;
  }
}
