import { STATUS_CODES } from "node:http";
import { openBody } from "./body.ts";
import { applyFault, type Ending } from "./fault.ts";
import { join, type Piece, takeBytes } from "./piece.ts";
import { DEFAULT_BODY, type Scenario } from "./scenario.ts";
import { splitEvents } from "./split.ts";

/** A piece as it goes on the wire; `bytes` counts the body without its chunked encoding. */
export interface WirePiece {
  readonly wire: Buffer;
  readonly bytes: number;
  readonly events: number;
}

/** A scenario made ready: nothing is left to compute when a call comes. */
export interface ResponsePlan {
  readonly insteadOfHeaders: Exclude<Ending, "complete"> | undefined;
  readonly head: Buffer;
  readonly pieces: Iterable<WirePiece>;
  /** The whole answer in one buffer, where nothing has to come between its parts. */
  readonly single: WirePiece | undefined;
  readonly delayBeforeHeadersMs: number;
  readonly delayBeforeBodyMs: number;
  readonly paceMs: number;
  /** After so many pieces the event loop gets a turn, so that they leave as packets of their own. */
  readonly piecesPerTurn: number;
  readonly ending: Ending;
  readonly endingDelayMs: number;
  readonly keepAlive: boolean;
  /** Something is wrong with this answer on purpose. */
  readonly faulty: boolean;
}

const LAST_CHUNK: WirePiece = { wire: Buffer.from("0\r\n\r\n"), bytes: 0, events: 0 };
/** A generated body is about volume: a turn of the event loop for each event would be all the work. */
const GENERATED_PIECES_PER_TURN = 64;

/** Throws, saying why, on a scenario that can't be served. */
export function planResponse(scenario: Scenario, stream: boolean, folders: readonly string[]): ResponsePlan {
  const source = openBody(scenario.body ?? DEFAULT_BODY, stream, folders);
  const split = scenario.split ?? "per-event";
  if (source.generated && (split === "whole" || typeof split === "object")) {
    throw new Error("a generated body is never held in memory, so it has no split `whole` or `at`");
  }
  const fault = scenario.fault ?? { kind: "none" };
  const body = applyFault(fault, source);
  const { chunked, bytes, ending } = body;

  // Splits with a piece for each byte, and generated bodies, are cut anew for each call: kept, they'd fill memory.
  const cut = (): Iterable<Piece> => {
    const pieces = splitEvents(body.events, split);
    return bytes === undefined ? pieces : takeBytes(pieces, bytes);
  };
  const framed = repeatableWire(cut, chunked, chunked && ending === "complete");
  const pieces = source.generated || split === "every-byte" ? framed : [...framed];

  const head = headOf(scenario, body.contentType, chunked ? undefined : join(body.declared).bytes.length);
  const delayBeforeHeadersMs = scenario.delayBeforeHeadersMs ?? 0;
  const delayBeforeBodyMs = scenario.delayBeforeBodyMs ?? 0;
  const paceMs = scenario.paceMs ?? 0;
  const atOnce = delayBeforeHeadersMs + delayBeforeBodyMs + paceMs === 0 && ending === "complete";
  const onePiece = Array.isArray(pieces) && (split === "whole" || (!chunked && pieces.length <= 1));
  return {
    insteadOfHeaders: body.insteadOfHeaders,
    head,
    pieces,
    single: atOnce && onePiece && body.insteadOfHeaders === undefined ? singleOf(head, pieces) : undefined,
    delayBeforeHeadersMs,
    delayBeforeBodyMs,
    paceMs,
    piecesPerTurn: source.generated ? GENERATED_PIECES_PER_TURN : 1,
    ending,
    endingDelayMs: body.endingDelayMs ?? 0,
    keepAlive: scenario.connection !== "close",
    faulty: fault.kind !== "none",
  };
}

function repeatableWire(cut: () => Iterable<Piece>, chunked: boolean, ended: boolean): Iterable<WirePiece> {
  const generate = function* (): Generator<WirePiece> {
    // A generated body hands out the same piece again and again: it is encoded once.
    let previous: Piece | undefined;
    let encoded: WirePiece = LAST_CHUNK;
    for (const piece of cut()) {
      if (piece.bytes.length === 0) continue; // an empty chunk would end the body
      if (piece !== previous) encoded = encode(piece, chunked);
      previous = piece;
      yield encoded;
    }
    if (ended) yield LAST_CHUNK;
  };
  return { [Symbol.iterator]: generate };
}

function encode({ bytes, events }: Piece, chunked: boolean): WirePiece {
  const size = Buffer.from(`${bytes.length.toString(16)}\r\n`);
  const wire = chunked ? Buffer.concat([size, bytes, Buffer.from("\r\n")]) : bytes;
  return { wire, bytes: bytes.length, events };
}

function singleOf(head: Buffer, pieces: Iterable<WirePiece>): WirePiece {
  const all = [...pieces];
  return {
    wire: Buffer.concat([head, ...all.map((piece) => piece.wire)]),
    bytes: all.reduce((sum, piece) => sum + piece.bytes, 0),
    events: all.reduce((sum, piece) => sum + piece.events, 0),
  };
}

function headOf(scenario: Scenario, contentType: string, length: number | undefined): Buffer {
  const redirect = scenario.fault?.kind === "redirect" ? scenario.fault.location : undefined;
  const status = scenario.status ?? (redirect === undefined ? 200 : 302);
  const headers: [string, string][] = [];
  const given = Object.entries(scenario.headers ?? {});
  if (!given.some(([name]) => name.toLowerCase() === "content-type"))
    headers.push(["Content-Type", contentType]);
  headers.push(length === undefined ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(length)]);
  if (redirect !== undefined) headers.push(["Location", redirect]);
  if (scenario.connection === "close") headers.push(["Connection", "close"]);
  const lines = [...headers, ...given].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n${lines.join("")}\r\n`);
}
