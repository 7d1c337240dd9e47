import { isNameBefore, isSame, jsonStringEnd } from "../json/json-bytes.ts";

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The members that are looked at, by what they are a member of: the chunk, or one of its candidates. */
const CANDIDATES = Buffer.from("candidates");
const USAGE = Buffer.from("usageMetadata");
const ERROR = Buffer.from("error");
const FEEDBACK = Buffer.from("promptFeedback");
const CONTENT = Buffer.from("content");
const FINISH_REASON = Buffer.from("finishReason");
const INDEX = Buffer.from("index");
/** What says nothing yet, and stands in every chunk of some servers. */
const UNSPECIFIED = Buffer.from("FINISH_REASON_UNSPECIFIED");
/** Members of a content that name or prove things: no text of the answer. */
const STRUCTURAL: readonly Uint8Array[] = [
  "role",
  "thoughtSignature",
  "id",
  "mimeType",
  "language",
  "jsonPath",
].map((name) => Buffer.from(name));

/** Nesting of the values that matter: the chunk's members, and a candidate's. */
const IN_CHUNK = 1;
const IN_CANDIDATE = 3;

/** Candidates of a higher number are counted as this one: as many as a request may ask for, and bits in a number. */
const MOST_CANDIDATES = 31;

type Member = "candidates" | "usage" | "content" | "finish" | "index" | "other";

/**
 * Walks over the bytes of one chunk of streamGenerateContent, once, and keeps what is known of the stream: which
 * candidates have begun and which have said why they ended. Nothing is allocated.
 */
export class ChunkScanner {
  /** Bits by candidate. */
  #begun = 0;
  #finished = 0;
  /** Of the chunk scanned last: where its usage stands, or -1; and where a finish reason's word does. */
  usageStart = -1;
  usageEnd = -1;
  finishStart = -1;
  finishEnd = -1;
  /** Of the chunk scanned last: bytes of generated text in it, and whether it is an error or tells of the prompt. */
  generated = 0;
  hasError = false;
  hasFeedback = false;
  hasCandidates = false;

  #place = -1;
  #index = -1;
  #hasFinish = false;

  /** True where every candidate that has begun has said why it ended. */
  get isFinished(): boolean {
    return this.#begun !== 0 && this.#begun === this.#finished;
  }

  /** Scans the chunk that stands in `bytes[start, end)`. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    this.#reset();
    let depth = 0;
    let top: Member = "other";
    let member: Member = "other";
    let structural = false;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        const close = jsonStringEnd(bytes, at + 1, end);
        if (isNameBefore(bytes, close + 1, end)) {
          if (depth === IN_CHUNK) top = this.#topMember(bytes, at + 1, close);
          else if (depth === IN_CANDIDATE && top === "candidates")
            member = candidateMember(bytes, at + 1, close);
          else structural = isStructural(bytes, at + 1, close);
        } else if (top === "candidates") {
          if (depth === IN_CANDIDATE && member === "finish") this.#noteFinish(bytes, at + 1, close);
          else if (depth > IN_CANDIDATE && member === "content" && !structural)
            this.generated += close - at - 1;
        }
        at = close;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (depth === IN_CHUNK && top === "usage" && byte === OPEN_BRACE) this.usageStart = at;
        depth++;
        if (depth === IN_CANDIDATE && top === "candidates" && byte === OPEN_BRACE) this.#beginCandidate();
        member = depth === IN_CANDIDATE ? "other" : member;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (depth === IN_CANDIDATE && top === "candidates") this.#endCandidate();
        depth--;
        if (depth === IN_CHUNK && top === "usage" && byte === CLOSE_BRACE) this.usageEnd = at + 1;
      } else if (depth === IN_CANDIDATE && member === "index" && top === "candidates") {
        this.#noteDigit(byte ?? 0);
      }
    }
  }

  #reset(): void {
    this.usageStart = -1;
    this.usageEnd = -1;
    this.finishStart = -1;
    this.finishEnd = -1;
    this.generated = 0;
    this.hasError = false;
    this.hasFeedback = false;
    this.hasCandidates = false;
    this.#place = -1;
  }

  #topMember(bytes: Uint8Array, start: number, end: number): Member {
    if (isSame(bytes, start, end, CANDIDATES)) return "candidates";
    if (isSame(bytes, start, end, USAGE)) return "usage";
    if (isSame(bytes, start, end, ERROR)) this.hasError = true;
    if (isSame(bytes, start, end, FEEDBACK)) this.hasFeedback = true;
    return "other";
  }

  #noteFinish(bytes: Uint8Array, start: number, end: number): void {
    if (end === start || isSame(bytes, start, end, UNSPECIFIED)) return;
    this.#hasFinish = true;
    this.finishStart = start;
    this.finishEnd = end;
  }

  #beginCandidate(): void {
    this.hasCandidates = true;
    this.#place++;
    this.#index = -1;
    this.#hasFinish = false;
  }

  /** A candidate without a number has that of its place. */
  #endCandidate(): void {
    const index = Math.min(this.#index === -1 ? this.#place : this.#index, MOST_CANDIDATES - 1);
    const bit = 1 << index;
    this.#begun |= bit;
    if (this.#hasFinish) this.#finished |= bit;
  }

  #noteDigit(byte: number): void {
    if (byte < 0x30 || byte > 0x39) return;
    this.#index = Math.min(Math.max(0, this.#index) * 10 + byte - 0x30, MOST_CANDIDATES);
  }
}

function candidateMember(bytes: Uint8Array, start: number, end: number): Member {
  if (isSame(bytes, start, end, CONTENT)) return "content";
  if (isSame(bytes, start, end, FINISH_REASON)) return "finish";
  return isSame(bytes, start, end, INDEX) ? "index" : "other";
}

function isStructural(bytes: Uint8Array, start: number, end: number): boolean {
  for (const name of STRUCTURAL) if (isSame(bytes, start, end, name)) return true;
  return false;
}
