import type { AnswerFacts, DecodedError, EventKind, StreamScanner } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Usage } from "../../model/usage.ts";
import { jsonStringEnd } from "../json/json-bytes.ts";
import { decodeError } from "../openai-chat/decode-error.ts";
import { finishReasonFromWire } from "../openai-chat/finish-reason.ts";
import { isFailure, statusWithin } from "../openai-chat/stream-failure.ts";
import { readUsage } from "../openai-chat/usage.ts";
import { FEW_BYTES_PER_TOKEN } from "../stream/bytes-per-token.ts";
import { readEvent } from "../stream/event-data.ts";
import { memberValue } from "../stream/member-value.ts";
import { checkCompletion } from "./decode-response.ts";
import { shortEnding } from "./short-ending.ts";

const TEXT = Buffer.from('"text"');
const FINISH_REASON = Buffer.from('"finish_reason"');
const USAGE = Buffer.from('"usage"');
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** What a whole answer tells. Throws `upstream_invalid_answer` where it is no completion. */
export function scanResponse(body: unknown): AnswerFacts {
  const completion = checkCompletion(body);
  const choices = Array.isArray(completion["choices"]) ? completion["choices"].filter(isJsonObject) : [];
  const usage = readUsage(completion["usage"]);
  const reason = choices[0]?.["finish_reason"];
  return {
    ...(usage && { usage }),
    ...(typeof reason === "string" && { finishReason: reason }),
    outputBytes: choices.reduce((sum, { text }) => sum + (typeof text === "string" ? text.length : 0), 0),
    outputEvents: 0,
  };
}

/** A scanner for one completion stream. */
export function openStreamScanner(): StreamScanner {
  return new CompletionScanner();
}

/** An event with text alone is looked at byte-wise and allocates nothing; those with a finish or usage are parsed. */
class CompletionScanner implements StreamScanner {
  #usage: Usage | undefined;
  #finishReason: string | undefined;
  #failure: DecodedError | undefined;
  #outputBytes = 0;
  #outputEvents = 0;
  #firstEvent: Uint8Array | undefined;

  scan(bytes: Uint8Array, start: number, end: number): EventKind {
    this.#firstEvent ??= bytes.slice(start, end);
    const text = memberValue(bytes, TEXT, start, end);
    const isPlain = text !== -1 && !this.#hasMore(bytes, start, end);
    const kind = isPlain ? "preamble" : this.#scanParsed(bytes, start, end);
    return this.#noteTexts(bytes, text, end) && kind === "preamble" ? "content" : kind;
  }

  failure(): DecodedError {
    return this.#failure ?? { errorClass: "server" };
  }

  facts(): AnswerFacts {
    return {
      ...(this.#usage && { usage: this.#usage }),
      ...(this.#finishReason !== undefined && { finishReason: this.#finishReason }),
      outputBytes: this.#outputBytes,
      outputEvents: this.#outputEvents,
    };
  }

  outputTokensHigh(): number {
    return Math.max(this.#outputEvents, Math.ceil(this.#outputBytes / FEW_BYTES_PER_TOKEN));
  }

  cutShort(): string {
    return shortEnding(this.#firstEvent);
  }

  #hasMore(bytes: Uint8Array, start: number, end: number): boolean {
    const finish = memberValue(bytes, FINISH_REASON, start, end);
    const usage = memberValue(bytes, USAGE, start, end);
    return (finish !== -1 && bytes[finish] === QUOTE) || (usage !== -1 && bytes[usage] === OPEN_BRACE);
  }

  /** Several choices in one event have a text each. */
  #noteTexts(bytes: Uint8Array, first: number, end: number): boolean {
    let generated = 0;
    for (let text = first; text !== -1; text = memberValue(bytes, TEXT, text, end)) {
      if (bytes[text] === QUOTE) generated += jsonStringEnd(bytes, text + 1, end) - text - 1;
    }
    this.#outputBytes += generated;
    if (generated > 0) this.#outputEvents++;
    return generated > 0;
  }

  #scanParsed(bytes: Uint8Array, start: number, end: number): EventKind {
    const { data, event } = readEvent(bytes, start, end);
    if (data === "[DONE]") return "terminal";
    const payload = parse(data);
    if (!isJsonObject(payload)) return event === "error" ? this.#fail(payload) : "preamble";
    if (event === "error" || isFailure(payload)) return this.#fail(payload);
    this.#usage = readUsage(payload["usage"]) ?? this.#usage;
    const { choices } = payload;
    let kind: EventKind = "preamble";
    for (const choice of Array.isArray(choices) ? choices.filter(isJsonObject) : []) {
      const reason = choice["finish_reason"];
      if (typeof reason !== "string") continue;
      this.#finishReason = reason;
      kind = finishReasonFromWire(reason) === "failed" ? this.#fail(undefined) : "content";
    }
    return kind;
  }

  #fail(payload: unknown): EventKind {
    const status = isJsonObject(payload) ? statusWithin(payload) : 500;
    this.#failure = decodeError(status, payload);
    return "error";
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
