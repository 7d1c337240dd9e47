import type { AnswerFacts, DecodedError, EventKind, StreamScanner } from "../../model/dialect.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Usage } from "../../model/usage.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { FEW_BYTES_PER_TOKEN } from "../stream/bytes-per-token.ts";
import { readEvent } from "../stream/event-data.ts";
import { findWithin } from "../stream/find.ts";
import { ChunkScanner } from "./chunk-scanner.ts";
import { decodeError } from "./decode-error.ts";
import { isFinish } from "./finish-reason.ts";
import { listOf, objectOf, textOf } from "./members.ts";
import { tierInUsage } from "./service-tier.ts";
import { SHORT_ENDING } from "./short-ending.ts";
import { isFailure, statusWithin } from "./stream-failure.ts";
import { readUsage, searchesOf } from "./usage.ts";

const OPEN_BRACE = 0x7b;
const MAX_USAGE_BYTES = 4096;
/** What a usage that tells anything has in it; Vertex AI's first chunks only name the kind of traffic. */
const TOKENS = Buffer.from('TokenCount"');
const SEARCHES = Buffer.from('"webSearchQueries"');
const DONE = "[DONE]";

/** What a whole answer tells. Throws `upstream_invalid_answer` where it is none. */
export function scanResponse(body: unknown): AnswerFacts {
  const candidates = isJsonObject(body) ? listOf(body, "candidates").filter(isJsonObject) : [];
  const blocked = isJsonObject(body) ? blockReason(body) : undefined;
  if (!isJsonObject(body) || (candidates.length === 0 && blocked === undefined)) {
    throw notAnAnswer("The provider answered 200 with no candidates and no reason for their absence.");
  }
  const searches = candidates.reduce((sum, candidate) => sum + searchesOf(candidate), 0);
  const usage = readUsage(objectOf(body, "usageMetadata"), searches);
  const [first] = candidates;
  const finishReason = first === undefined ? blocked : textOf(first, "finishReason");
  return {
    ...(usage && { usage }),
    ...(finishReason !== undefined && { finishReason }),
    ...servedBy(usage),
    outputBytes: candidates.reduce((sum, candidate) => sum + generatedBytes(candidate), 0),
    outputEvents: 0,
  };
}

function generatedBytes(candidate: JsonObject): number {
  const content = objectOf(candidate, "content");
  let bytes = 0;
  for (const part of content === undefined ? [] : listOf(content, "parts")) {
    if (!isJsonObject(part)) continue;
    bytes += textOf(part, "text")?.length ?? 0;
    const call = objectOf(part, "functionCall");
    if (call !== undefined) bytes += JSON.stringify(call).length;
  }
  return bytes;
}

function servedBy(usage: Usage | undefined): Pick<AnswerFacts, "serviceTier"> {
  const serviceTier = tierInUsage(usage?.raw);
  return serviceTier === undefined ? {} : { serviceTier };
}

function blockReason(body: JsonObject): string | undefined {
  const feedback = objectOf(body, "promptFeedback");
  return feedback && textOf(feedback, "blockReason");
}

/** A scanner for one stream of streamGenerateContent. */
export function openStreamScanner(): StreamScanner {
  return new UsageScanner();
}

/**
 * Reads usage and finish from passing chunks. A chunk of candidates is looked at byte-wise and allocates nothing; the
 * few others (a refused prompt, an error) are parsed. Google ends its streams without a word, so the finish is told only
 * once every candidate has said why it ended: then the end of the connection is the end of the answer.
 */
class UsageScanner implements StreamScanner {
  readonly #chunk = new ChunkScanner();
  #usageBytes = new Uint8Array(0);
  #usageLength = 0;
  #finishReason: string | undefined;
  #blocked = false;
  #searches = 0;
  #outputBytes = 0;
  #outputEvents = 0;
  #failure: DecodedError | undefined;

  scan(bytes: Uint8Array, start: number, end: number): EventKind {
    const open = bytes.indexOf(OPEN_BRACE, start);
    if (open === -1 || open >= end) return isDone(bytes, start, end) ? "terminal" : "preamble";
    const chunk = this.#chunk;
    chunk.scan(bytes, open, end);
    this.#noteUsage(bytes);
    if (!chunk.hasCandidates) return this.#scanParsed(bytes, start, end);
    const finished = this.#noteFinish(bytes, start, end);
    this.#outputBytes += chunk.generated;
    if (chunk.generated > 0) this.#outputEvents++;
    return finished || chunk.generated > 0 ? "content" : "preamble";
  }

  failure(): DecodedError {
    return this.#failure ?? { errorClass: "server" };
  }

  facts(): AnswerFacts {
    const usage = this.#usage();
    const isWhole = this.#blocked || this.#chunk.isFinished;
    return {
      ...(usage && { usage }),
      ...(isWhole && this.#finishReason !== undefined && { finishReason: this.#finishReason }),
      ...servedBy(usage),
      outputBytes: this.#outputBytes,
      outputEvents: this.#outputEvents,
    };
  }

  outputTokensHigh(): number {
    return Math.max(this.#outputEvents, Math.ceil(this.#outputBytes / FEW_BYTES_PER_TOKEN));
  }

  cutShort(): string {
    return SHORT_ENDING;
  }

  #noteFinish(bytes: Uint8Array, start: number, end: number): boolean {
    const { finishStart, finishEnd } = this.#chunk;
    if (finishStart === -1) return false;
    this.#finishReason = Buffer.from(
      bytes.buffer,
      bytes.byteOffset + finishStart,
      finishEnd - finishStart,
    ).toString("latin1");
    // Told at the end of an answer, so this is no cost of every chunk.
    if (findWithin(bytes, SEARCHES, start, end) !== -1) this.#noteSearches(bytes, start, end);
    return true;
  }

  #noteSearches(bytes: Uint8Array, start: number, end: number): void {
    const chunk = parse(readEvent(bytes, start, end).data);
    if (!isJsonObject(chunk)) return;
    for (const candidate of listOf(chunk, "candidates"))
      if (isJsonObject(candidate)) this.#searches += searchesOf(candidate);
  }

  /** The bytes are kept and parsed once, at the end: each chunk tells the usage so far. */
  #noteUsage(bytes: Uint8Array): void {
    const { usageStart, usageEnd } = this.#chunk;
    const length = usageEnd - usageStart;
    if (usageStart === -1 || usageEnd === -1 || length > MAX_USAGE_BYTES) return;
    if (findWithin(bytes, TOKENS, usageStart, usageEnd) === -1) return;
    if (length > this.#usageBytes.byteLength) this.#usageBytes = new Uint8Array(2 * length);
    for (let i = 0; i < length; i++) this.#usageBytes[i] = bytes[usageStart + i] ?? 0;
    this.#usageLength = length;
  }

  #usage(): Usage | undefined {
    if (this.#usageLength === 0) return undefined;
    const raw = parse(new TextDecoder().decode(this.#usageBytes.subarray(0, this.#usageLength)));
    return readUsage(raw, this.#searches);
  }

  #scanParsed(bytes: Uint8Array, start: number, end: number): EventKind {
    const chunk = parse(readEvent(bytes, start, end).data);
    if (!isJsonObject(chunk)) return "preamble";
    if (isFailure(chunk)) {
      this.#failure = decodeError(statusWithin(chunk), chunk);
      return "error";
    }
    const reason = blockReason(chunk);
    if (reason === undefined || !isFinish(reason)) return "preamble";
    this.#blocked = true;
    this.#finishReason = reason;
    return "content";
  }
}

function isDone(bytes: Uint8Array, start: number, end: number): boolean {
  return readEvent(bytes, start, end).data.trim() === DONE;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
