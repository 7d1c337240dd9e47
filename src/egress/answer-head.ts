import { EgressFailure } from "./failure.ts";

/** More lines than this no server sends. */
const MAX_HEADERS = 256;
const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;

/** Numbers per header in `fields`: start and end of its name, start and end of its value. */
const FIELD_STRIDE = 4;

/** The head of an answer, parsed. Holds places in its text rather than texts of their own: few are ever asked for. */
export class AnswerHead {
  readonly status: number;
  /** 0 or 1: the version is HTTP/1.`minor`. */
  readonly minor: number;
  readonly #text: string;
  readonly #fields: readonly number[];

  constructor(status: number, minor: number, text: string, fields: readonly number[]) {
    this.status = status;
    this.minor = minor;
    this.#text = text;
    this.#fields = fields;
  }

  /** The value of a header by its lower-case name; several of one name are joined by commas (RFC 9110, 5.3). */
  get(name: string): string | undefined {
    const fields = this.#fields;
    let value: string | undefined;
    for (let at = 0; at < fields.length; at += FIELD_STRIDE) {
      if (!isNamed(this.#text, fields[at] ?? 0, fields[at + 1] ?? 0, name)) continue;
      const next = this.#text.slice(fields[at + 2], fields[at + 3]);
      value = value === undefined ? next : `${value}, ${next}`;
    }
    return value;
  }

  all(): Headers {
    const headers = new Headers();
    const fields = this.#fields;
    for (let at = 0; at < fields.length; at += FIELD_STRIDE) {
      const name = this.#text.slice(fields[at], fields[at + 1]);
      headers.append(name, this.#text.slice(fields[at + 2], fields[at + 3]));
    }
    return headers;
  }
}

function isNamed(text: string, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at++) {
    const code = text.charCodeAt(start + at);
    const lower = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
    if (lower !== name.charCodeAt(at)) return false;
  }
  return true;
}

/**
 * Parses a head (RFC 9112, 4 and 5), its closing empty line included. Strict: a bare CR or LF, a folded line, a space
 * before the colon or a name that is no token is `invalid`, since whoever reads the bytes otherwise sees another head.
 */
export function parseHead(text: string): AnswerHead {
  const statusEnd = text.indexOf("\r\n");
  const status = statusOf(text, statusEnd);
  const minor = text.charCodeAt(7) - 0x30;
  const fields: number[] = [];
  for (let start = statusEnd + 2; start < text.length - 2; ) {
    const end = text.indexOf("\r\n", start);
    if (fields.length >= FIELD_STRIDE * MAX_HEADERS) throw invalidHead("more headers than any server sends");
    addField(text, start, end, fields);
    start = end + 2;
  }
  return new AnswerHead(status, minor, text, fields);
}

/** What is no answer's head. */
export function invalidHead(what: string): EgressFailure {
  return new EgressFailure("invalid", "INVALID_HEAD", `the answer's head is not HTTP/1.1: ${what}`);
}

/** `HTTP/1.1 200 Any reason`; the space before an empty reason is left out by many (RFC 9112, 4). */
function statusOf(text: string, end: number): number {
  if (!/^HTTP\/1\.[01] [1-9]\d\d(?: |\r)/.test(text)) throw invalidHead("no status line");
  for (let at = 12; at < end; at++)
    if (!isValueCode(text.charCodeAt(at))) throw invalidHead("no status line");
  return Number(text.slice(9, 12));
}

function addField(text: string, start: number, end: number, fields: number[]): void {
  let colon = start;
  while (colon < end && isNameCode(text.charCodeAt(colon))) colon++;
  if (colon === start || text.charCodeAt(colon) !== COLON) throw invalidHead("a line that is no header");
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  for (let at = from; at < to; at++) {
    if (!isValueCode(text.charCodeAt(at))) throw invalidHead("a control character in a header");
  }
  fields.push(start, colon, from, to);
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

/** Visible, blank or above ASCII (RFC 9110, 5.5); CR and LF here are bare ones. */
const isValueCode = (code: number): boolean => (code >= 0x20 && code !== 0x7f) || code === TAB;

const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~") TOKEN[character.charCodeAt(0)] = 1;
for (let code = 0; code < 128; code++) if (/[0-9A-Za-z]/.test(String.fromCharCode(code))) TOKEN[code] = 1;

const isNameCode = (code: number): boolean => TOKEN[code] === 1;
