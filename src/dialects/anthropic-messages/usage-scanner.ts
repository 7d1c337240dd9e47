import type { AnswerFacts, DecodedError, EventKind, StreamScanner } from "../../model/dialect.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { numberMember, textMember } from "../json/members.ts";
import { FEW_BYTES_PER_TOKEN } from "../stream/bytes-per-token.ts";
import { readEvent } from "../stream/event-data.ts";
import { memberValue } from "../stream/member-value.ts";
import { standsAt, stringLength } from "../stream/string-bytes.ts";
import { decodeError } from "./decode-error.ts";
import { shortEnding } from "./short-ending.ts";
import { isFailure, statusWithin } from "./stream-failure.ts";
import { mergeUsage, servedTier, usageFromWire } from "./usage.ts";

const TYPE = Buffer.from('"type"');
const BLOCK_DELTA = Buffer.from('"content_block_delta"');
const DELTA = Buffer.from('"delta"');
/** Where each kind of delta has its text; only that is sought, since what is missing is sought to a read's end. */
const TEXTS: readonly { readonly type: Uint8Array; readonly member: Uint8Array }[] = [
  { type: Buffer.from('"text_delta"'), member: Buffer.from('"text"') },
  { type: Buffer.from('"input_json_delta"'), member: Buffer.from('"partial_json"') },
  { type: Buffer.from('"thinking_delta"'), member: Buffer.from('"thinking"') },
];

/** What a whole answer tells. Throws `upstream_invalid_answer` where it is no message. */
export function scanResponse(body: unknown): AnswerFacts {
  if (!isJsonObject(body) || !Array.isArray(body["content"]))
    throw notAnAnswer(
      "The provider answered 200 with something that is not a message (it has no `content`).",
    );
  const usage = mergeUsage(undefined, body["usage"]);
  const finishReason = textMember(body, "stop_reason");
  return {
    ...usageFacts(usage),
    ...(finishReason !== undefined && { finishReason }),
    outputBytes: body["content"].reduce((bytes: number, block: unknown) => bytes + generatedBytes(block), 0),
    outputEvents: 0,
  };
}

function usageFacts(usage: JsonObject | undefined): Pick<AnswerFacts, "usage" | "serviceTier"> {
  if (usage === undefined) return {};
  const serviceTier = servedTier(usage);
  return { usage: usageFromWire(usage), ...(serviceTier !== undefined && { serviceTier }) };
}

function generatedBytes(block: unknown): number {
  if (!isJsonObject(block)) return 0;
  const { text, thinking, input, type } = block;
  const said = [text, thinking].reduce<number>(
    (bytes, value) => bytes + (typeof value === "string" ? value.length : 0),
    0,
  );
  return type === "tool_use" && input !== undefined ? said + JSON.stringify(input).length : said;
}

/** A scanner for one stream of a message. */
export function openStreamScanner(): StreamScanner {
  return new UsageScanner();
}

/**
 * Reads usage and stop reason from passing events (https://platform.claude.com/docs/en/build-with-claude/streaming).
 * Deltas, which are nearly all, are looked at byte-wise and allocate nothing; the few others are parsed.
 */
class UsageScanner implements StreamScanner {
  #usage: JsonObject | undefined;
  #stopReason: string | undefined;
  #isComplete = false;
  #outputBytes = 0;
  #outputEvents = 0;
  #openBlock: number | undefined;
  #failure: DecodedError | undefined;

  scan(bytes: Uint8Array, start: number, end: number): EventKind {
    return isBlockDelta(bytes, start, end)
      ? this.#scanDelta(bytes, start, end)
      : this.#scanParsed(bytes, start, end);
  }

  failure(): DecodedError {
    return this.#failure ?? { errorClass: "server" };
  }

  /** A stream without `message_stop` is not complete, whatever reason it gave before it broke off. */
  facts(): AnswerFacts {
    return {
      ...usageFacts(this.#usage),
      ...(this.#isComplete && this.#stopReason !== undefined && { finishReason: this.#stopReason }),
      outputBytes: this.#outputBytes,
      outputEvents: this.#outputEvents,
    };
  }

  outputTokensHigh(): number {
    return Math.max(this.#outputEvents, Math.ceil(this.#outputBytes / FEW_BYTES_PER_TOKEN));
  }

  cutShort(): string {
    return shortEnding(this.#openBlock, this.outputTokensHigh());
  }

  #scanDelta(bytes: Uint8Array, start: number, end: number): EventKind {
    const generated = deltaLength(bytes, start, end);
    if (generated === 0) return "preamble";
    this.#outputBytes += generated;
    this.#outputEvents++;
    return "content";
  }

  #scanParsed(bytes: Uint8Array, start: number, end: number): EventKind {
    const { data, event } = readEvent(bytes, start, end);
    const payload = data === "" ? undefined : parse(data);
    if (event === "error" || (isJsonObject(payload) && isFailure(payload))) {
      this.#failure = decodeError(isJsonObject(payload) ? statusWithin(payload) : 500, payload);
      return "error";
    }
    return isJsonObject(payload) ? this.#scanPayload(payload) : "preamble";
  }

  #scanPayload(payload: JsonObject): EventKind {
    switch (payload["type"]) {
      case "message_start":
        if (isJsonObject(payload["message"])) this.#noteUsage(payload["message"]["usage"]);
        return "preamble";
      case "content_block_start":
        this.#openBlock = numberMember(payload, "index");
        return this.#scanStart(payload["content_block"]);
      case "content_block_stop":
        this.#openBlock = undefined;
        return "preamble";
      case "message_delta":
        return this.#scanStop(payload);
      case "message_stop":
        this.#isComplete = true;
        return "terminal";
      default:
        return "preamble";
    }
  }

  /** Text begins with its first delta, unless the server sends it whole. */
  #scanStart(block: unknown): EventKind {
    const generated = generatedBytes(block);
    const isCall = isJsonObject(block) && block["type"] === "tool_use";
    // An input of `{}` stands for one that is still to come.
    if (generated > EMPTY_INPUT) this.#outputBytes += generated;
    return isCall || generated > 0 ? "content" : "preamble";
  }

  #scanStop({ delta, usage }: JsonObject): EventKind {
    this.#noteUsage(usage);
    const reason = isJsonObject(delta) ? textMember(delta, "stop_reason") : undefined;
    this.#stopReason ??= reason;
    return reason === undefined ? "preamble" : "content";
  }

  #noteUsage(reported: unknown): void {
    this.#usage = mergeUsage(this.#usage, reported);
  }
}

const EMPTY_INPUT = "{}".length;

/** How many bytes of generated text a delta brings. */
function deltaLength(bytes: Uint8Array, start: number, end: number): number {
  const delta = memberValue(bytes, DELTA, start, end);
  const type = delta === -1 ? -1 : memberValue(bytes, TYPE, delta, end);
  if (type === -1) return 0;
  for (const text of TEXTS) {
    if (!standsAt(bytes, text.type, type)) continue;
    const value = memberValue(bytes, text.member, delta, end);
    return value === -1 ? 0 : stringLength(bytes, value, end);
  }
  return 0;
}

/** The event's own type stands first, as a rule, but any of its members may. */
function isBlockDelta(bytes: Uint8Array, start: number, end: number): boolean {
  let value = memberValue(bytes, TYPE, start, end);
  while (value !== -1) {
    if (standsAt(bytes, BLOCK_DELTA, value)) return true;
    value = memberValue(bytes, TYPE, value, end);
  }
  return false;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
