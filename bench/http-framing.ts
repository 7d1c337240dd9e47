/** Just enough of HTTP/1.1 to speak it over a bare socket: where a request ends, and a chunked body's bytes. */

const HEAD_END = "\r\n\r\n";

/** Collects a connection's bytes and says when one request has come in whole. */
export class RequestReader {
  private pending: Buffer = Buffer.alloc(0);

  /** Takes bytes; gives the first line of each request that is complete by now. */
  push(bytes: Buffer): string[] {
    this.pending = this.pending.length > 0 ? Buffer.concat([this.pending, bytes]) : bytes;
    const lines: string[] = [];
    for (let end = this.end(); end > 0; end = this.end()) {
      lines.push(this.pending.toString("latin1", 0, this.pending.indexOf("\r\n")));
      this.pending = this.pending.subarray(end);
    }
    return lines;
  }

  /** Where the first pending request ends, or 0 while it isn't complete. */
  private end(): number {
    const headEnd = this.pending.indexOf(HEAD_END);
    if (headEnd < 0) return 0;
    const start = headEnd + HEAD_END.length;
    const head = this.pending.toString("latin1", 0, headEnd).toLowerCase();
    if (head.includes("transfer-encoding: chunked"))
      return after(this.pending.indexOf(`0${HEAD_END}`, start), 5);
    const end = start + Number(/content-length: *(\d+)/.exec(head)?.[1] ?? 0);
    return end <= this.pending.length ? end : 0;
  }
}

function after(index: number, length: number): number {
  return index < 0 ? 0 : index + length;
}

/** One chunk of a chunked body. */
export function chunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

/** The last chunk. */
export const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** Splits a received answer into its status and its body, with chunked framing taken off. */
export function parseAnswer(bytes: Buffer): { status: number; body: string } {
  const headEnd = bytes.indexOf(HEAD_END);
  const head = bytes.toString("latin1", 0, Math.max(headEnd, 0));
  const body = bytes.subarray(headEnd + HEAD_END.length);
  const isChunked = /transfer-encoding: *chunked/i.test(head);
  return { status: Number(head.split(" ")[1] ?? 0), body: isChunked ? dechunk(body) : body.toString() };
}

function dechunk(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const lineEnd = bytes.indexOf("\r\n", offset);
    const size = Number.parseInt(bytes.toString("latin1", offset, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    offset = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts).toString();
}
