import type { AnswerFacts, DecodedError, EventKind, StreamScanner } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Usage } from "../../model/usage.ts";
import { textMember } from "../json/members.ts";
import { FEW_BYTES_PER_TOKEN } from "../stream/bytes-per-token.ts";
import { readEvent } from "../stream/event-data.ts";
import { memberValue } from "../stream/member-value.ts";
import { decodeError } from "./decode-error.ts";
import { scanDelta } from "./delta-scanner.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { shortEnding } from "./short-ending.ts";
import { isFailure, statusWithin } from "./stream-failure.ts";
import { usageFromWire } from "./usage.ts";

// A quoted name followed by its closing quote can't stand inside a JSON string (there the quotes are escaped), so a
// byte search for it finds members only, or string values, which no colon follows.
const DELTA = Buffer.from('"delta"');
const USAGE = Buffer.from('"usage"');
const FINISH_REASON = Buffer.from('"finish_reason"');
const SERVICE_TIER = Buffer.from('"service_tier"');
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const MAX_USAGE_BYTES = 4096;

/** What a whole answer tells. Throws `upstream_invalid_answer` where it is no chat completion. */
export function scanResponse(body: unknown): AnswerFacts {
  const choices = isJsonObject(body) ? body["choices"] : undefined;
  if (!isJsonObject(body) || !Array.isArray(choices) || choices.length === 0) {
    throw new GatewayError("upstream_invalid_answer", {
      message:
        "The provider answered 200 with something that is not a chat completion (it has no `choices`).",
      errorClass: "invalid_answer",
    });
  }
  const usage = isJsonObject(body["usage"]) ? { usage: usageFromWire(body["usage"]) } : {};
  const reason: unknown = isJsonObject(choices[0]) ? choices[0]["finish_reason"] : undefined;
  const finish = typeof reason === "string" ? { finishReason: reason } : {};
  const serviceTier = textMember(body, "service_tier");
  const tier = serviceTier === undefined ? {} : { serviceTier };
  return { ...usage, ...finish, ...tier, outputBytes: generatedBytes(choices), outputEvents: 0 };
}

function generatedBytes(choices: readonly unknown[]): number {
  let bytes = 0;
  for (const choice of choices) {
    const message = isJsonObject(choice) ? choice["message"] : undefined;
    if (!isJsonObject(message)) continue;
    if (typeof message["content"] === "string") bytes += message["content"].length;
    if (Array.isArray(message["tool_calls"])) bytes += JSON.stringify(message["tool_calls"]).length;
  }
  return bytes;
}

/** A scanner for one chat completion stream. */
export function openStreamScanner(): StreamScanner {
  return new UsageScanner();
}

/**
 * Reads usage and finish from passing chunks (https://platform.openai.com/docs/api-reference/chat-streaming).
 * A chunk with a delta is looked at byte-wise and allocates nothing; the few others (usage alone, errors, `[DONE]`)
 * are parsed.
 */
class UsageScanner implements StreamScanner {
  #usageBytes = new Uint8Array(0);
  #usageLength = 0;
  #finishReason: string | undefined;
  #serviceTier: string | undefined;
  #isFirst = true;
  #outputBytes = 0;
  #outputEvents = 0;
  #firstChunk: Uint8Array | undefined;
  #failure: DecodedError | undefined;

  scan(bytes: Uint8Array, start: number, end: number): EventKind {
    const delta = memberValue(bytes, DELTA, start, end);
    if (delta === -1) return this.#scanParsed(bytes, start, end);
    this.#noteUsage(bytes, start, end);
    const finished = this.#noteFinish(bytes, start, end);
    if (this.#isFirst || finished) this.#noteServiceTier(bytes, start, end);
    // Kept for the case that the stream is cut short: its last chunk then repeats what all chunks have.
    this.#firstChunk ??= bytes.slice(start, end);
    this.#isFirst = false;
    if (finished && finishReasonFromWire(this.#finishReason ?? "") === "failed") {
      return this.#scanFailedFinish(bytes, start, end);
    }
    const generated = this.#noteDeltas(bytes, delta, end);
    return finished || generated ? "content" : "preamble";
  }

  failure(): DecodedError {
    return this.#failure ?? { errorClass: "server" };
  }

  facts(): AnswerFacts {
    const usage = this.#usage();
    return {
      ...(usage === undefined ? {} : { usage }),
      ...(this.#finishReason === undefined ? {} : { finishReason: this.#finishReason }),
      ...(this.#serviceTier === undefined ? {} : { serviceTier: this.#serviceTier }),
      outputBytes: this.#outputBytes,
      outputEvents: this.#outputEvents,
    };
  }

  outputTokensHigh(): number {
    return Math.max(this.#outputEvents, Math.ceil(this.#outputBytes / FEW_BYTES_PER_TOKEN));
  }

  cutShort(): string {
    return shortEnding(this.#firstChunk);
  }

  /** Several choices in one chunk have a delta each. */
  #noteDeltas(bytes: Uint8Array, first: number, end: number): boolean {
    let generated = false;
    for (let delta = first; delta !== -1; delta = memberValue(bytes, DELTA, delta + 1, end)) {
      const found = scanDelta(bytes, delta, end);
      if (found === 0) continue;
      generated = true;
      this.#outputBytes += found;
    }
    if (generated) this.#outputEvents++;
    return generated;
  }

  #noteFinish(bytes: Uint8Array, start: number, end: number): boolean {
    const reason = wordMember(bytes, FINISH_REASON, start, end);
    this.#finishReason = reason ?? this.#finishReason;
    return reason !== undefined;
  }

  /** Every chunk repeats it: the first says it, for streams that break off, and the last ones say what it came to. */
  #noteServiceTier(bytes: Uint8Array, start: number, end: number): void {
    this.#serviceTier = wordMember(bytes, SERVICE_TIER, start, end) ?? this.#serviceTier;
  }

  /** The bytes are kept and parsed once, at the end: some providers repeat the usage with every chunk. */
  #noteUsage(bytes: Uint8Array, start: number, end: number): void {
    let value = memberValue(bytes, USAGE, start, end);
    while (value !== -1) {
      if (bytes[value] === OPEN_BRACE) this.#keepUsage(bytes, value, end);
      value = memberValue(bytes, USAGE, value + 1, end);
    }
  }

  #keepUsage(bytes: Uint8Array, open: number, end: number): void {
    const close = objectEnd(bytes, open, end);
    const length = close - open;
    if (close === -1 || length > MAX_USAGE_BYTES) return;
    if (length > this.#usageBytes.byteLength) this.#usageBytes = new Uint8Array(2 * length);
    for (let i = 0; i < length; i++) this.#usageBytes[i] = bytes[open + i] ?? 0;
    this.#usageLength = length;
  }

  #usage(): Usage | undefined {
    if (this.#usageLength === 0) return undefined;
    const raw = parse(new TextDecoder().decode(this.#usageBytes.subarray(0, this.#usageLength)));
    return isJsonObject(raw) ? usageFromWire(raw) : undefined;
  }

  /** A finish that says the generation broke off; some servers (OpenRouter) put an error object beside it. */
  #scanFailedFinish(bytes: Uint8Array, start: number, end: number): EventKind {
    if (this.#scanParsed(bytes, start, end) !== "error") {
      this.#failure = { errorClass: "server", message: `The generation broke off: ${this.#finishReason}.` };
    }
    return "error";
  }

  #scanParsed(bytes: Uint8Array, start: number, end: number): EventKind {
    const { data, event } = readEvent(bytes, start, end);
    if (data === "[DONE]") return "terminal";
    const chunk = data === "" ? undefined : parse(data);
    if (event === "error" || (isJsonObject(chunk) && isFailure(chunk))) {
      this.#failure = decodeError(isJsonObject(chunk) ? statusWithin(chunk) : 500, chunk);
      return "error";
    }
    if (chunk !== undefined) {
      this.#noteUsage(bytes, start, end);
      this.#noteServiceTier(bytes, start, end);
    }
    return "preamble";
  }
}

/** The value of the first member of that name, where it is a word in quotes. */
function wordMember(bytes: Uint8Array, name: Uint8Array, from: number, end: number): string | undefined {
  const value = memberValue(bytes, name, from, end);
  if (value === -1 || bytes[value] !== QUOTE) return undefined;
  const close = bytes.indexOf(QUOTE, value + 1);
  if (close === -1 || close >= end) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset + value + 1, close - value - 1).toString("latin1");
}

/** Usage holds names and numbers only, so braces inside strings need no care beyond skipping none. */
function objectEnd(bytes: Uint8Array, open: number, end: number): number {
  let depth = 0;
  for (let at = open; at < end; at++) {
    if (bytes[at] === OPEN_BRACE) depth++;
    else if (bytes[at] === 0x7d && --depth === 0) return at + 1;
  }
  return -1;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
