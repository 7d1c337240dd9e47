import type { AnswerFacts, DecodedError, EventKind, StreamScanner } from "../../model/dialect.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Usage } from "../../model/usage.ts";
import { isSame, jsonStringEnd } from "../json/json-bytes.ts";
import { textMember } from "../json/members.ts";
import { topLevelMember } from "../json/top-level-member.ts";
import { FEW_BYTES_PER_TOKEN } from "../stream/bytes-per-token.ts";
import { readEvent } from "../stream/event-data.ts";
import { findWithin } from "../stream/find.ts";
import { type BilledTools, billedCalls, billedTools, withBilled } from "./billed-tools.ts";
import { checkResponse } from "./decode-response.ts";
import { rawFinish } from "./finish-reason.ts";
import { shortEnding } from "./short-ending.ts";
import { decodeFailure } from "./stream-failure.ts";
import { readUsage } from "./usage.ts";

const TYPE = Buffer.from("type");
const DELTA = Buffer.from("delta");
const DELTA_EVENT = Buffer.from(".delta");
const CREATED = Buffer.from("response.created");
const RESPONSE = Buffer.from("response");
const SERVICE_TIER = Buffer.from("service_tier");
const ITEM_DONE = Buffer.from("response.output_item.done");
const SEARCH = Buffer.from("_search_call");
const QUOTE = 0x22;

/** What a whole answer tells. Throws `upstream_invalid_answer` where it is no response, or the failure that it tells. */
export function scanResponse(body: unknown): AnswerFacts {
  const response = checkResponse(body);
  const items = itemsOf(response);
  const usage = readUsage(response["usage"], billedTools(items));
  const finishReason = rawFinish(response);
  const serviceTier = textMember(response, "service_tier");
  const storedId = storedIdOf(response);
  return {
    ...(usage && { usage }),
    ...(finishReason !== undefined && { finishReason }),
    ...(storedId !== undefined && { storedId }),
    ...(serviceTier !== undefined && { serviceTier }),
    outputBytes: generatedBytes(items),
    outputEvents: 0,
  };
}

/** A scanner for one stream. */
export function openStreamScanner(): StreamScanner {
  return new ResponseScanner();
}

/**
 * Reads usage and finish from passing events (https://platform.openai.com/docs/api-reference/responses-streaming). An
 * event with a delta is looked at byte-wise and allocates nothing; the few that end an item or the stream are parsed.
 */
class ResponseScanner implements StreamScanner {
  #usage: Usage | undefined;
  #finishReason: string | undefined;
  #serviceTier: string | undefined;
  #storedId: string | undefined;
  #failure: DecodedError | undefined;
  #outputBytes = 0;
  #outputEvents = 0;
  #billedTools: BilledTools = {};
  #created: Uint8Array | undefined;
  // Where the last event stands. Its bytes may be overwritten by the next read: asked for before that, or not at all.
  #lastBytes: Uint8Array | undefined;
  #lastStart = 0;
  #lastEnd = 0;

  scan(bytes: Uint8Array, start: number, end: number): EventKind {
    this.#lastBytes = bytes;
    this.#lastStart = start;
    this.#lastEnd = end;
    const type = topLevelMember(bytes, TYPE, start, end);
    if (type === -1 || bytes[type] !== QUOTE) return this.#scanNamed(bytes, start, end);
    const typeEnd = jsonStringEnd(bytes, type + 1, end);
    if (isSame(bytes, typeEnd - DELTA_EVENT.byteLength, typeEnd, DELTA_EVENT))
      return this.#scanDelta(bytes, start, end);
    if (isSame(bytes, type + 1, typeEnd, ITEM_DONE)) return this.#scanItem(bytes, start, end);
    if (isClosing(bytes, type + 1, typeEnd)) return this.#scanNamed(bytes, start, end);
    if (isSame(bytes, type + 1, typeEnd, CREATED)) {
      this.#created = bytes.slice(start, end);
      this.#noteAskedTier(bytes, start, end);
    }
    return "preamble";
  }

  failure(): DecodedError {
    return this.#failure ?? { errorClass: "server" };
  }

  facts(): AnswerFacts {
    return {
      ...(this.#usage && { usage: this.#usage }),
      ...(this.#finishReason !== undefined && { finishReason: this.#finishReason }),
      ...(this.#serviceTier !== undefined && { serviceTier: this.#serviceTier }),
      ...(this.#storedId !== undefined && { storedId: this.#storedId }),
      outputBytes: this.#outputBytes,
      outputEvents: this.#outputEvents,
    };
  }

  outputTokensHigh(): number {
    return Math.max(this.#outputEvents, Math.ceil(this.#outputBytes / FEW_BYTES_PER_TOKEN));
  }

  cutShort(): string {
    return shortEnding(this.#created, this.#lastBytes?.subarray(this.#lastStart, this.#lastEnd));
  }

  /** The tier as it was asked for, which is what is known of streams that break off; the end says what it came to. */
  #noteAskedTier(bytes: Uint8Array, start: number, end: number): void {
    const response = topLevelMember(bytes, RESPONSE, start, end);
    const tier = response === -1 ? -1 : topLevelMember(bytes, SERVICE_TIER, response, end);
    if (tier === -1 || bytes[tier] !== QUOTE) return;
    const close = jsonStringEnd(bytes, tier + 1, end);
    this.#serviceTier = Buffer.from(bytes.buffer, bytes.byteOffset + tier + 1, close - tier - 1).toString();
  }

  #scanDelta(bytes: Uint8Array, start: number, end: number): EventKind {
    const delta = topLevelMember(bytes, DELTA, start, end);
    if (delta === -1 || bytes[delta] !== QUOTE) return "preamble";
    const length = jsonStringEnd(bytes, delta + 1, end) - delta - 1;
    if (length === 0) return "preamble";
    this.#outputBytes += length;
    this.#outputEvents++;
    return "content";
  }

  #scanItem(bytes: Uint8Array, start: number, end: number): EventKind {
    if (findWithin(bytes, SEARCH, start, end) === -1) return "content";
    const item = payloadOf(bytes, start, end)?.["item"];
    if (isJsonObject(item)) this.#billedTools = withBilled(this.#billedTools, item);
    return "content";
  }

  /** An event that ends the stream, or one whose type is no member of its payload: some servers only name it. */
  #scanNamed(bytes: Uint8Array, start: number, end: number): EventKind {
    const { data, event } = readEvent(bytes, start, end);
    const payload = parse(data);
    const type = textMember(payload ?? {}, "type") ?? event ?? "";
    switch (type) {
      case "response.completed":
      case "response.incomplete":
      case "response.done":
        return this.#complete(type, payload?.["response"]);
      case "response.failed":
      case "response.cancelled":
        return this.#fail(payload, "error");
      case "error":
        // OpenAI says it again in `response.failed`, by which some clients go.
        return this.#fail(payload, "failing");
      default:
        return isJsonObject(payload?.["error"]) ? this.#fail(payload, "error") : "preamble";
    }
  }

  #complete(type: string, told: unknown): EventKind {
    const response: JsonObject = isJsonObject(told) ? told : {};
    if (response["status"] === "failed") return this.#fail(response, "error");
    this.#noteResponse(response);
    if (this.#failure === undefined)
      this.#finishReason = rawFinish(response) ?? type.slice(type.indexOf(".") + 1);
    return "terminal";
  }

  #fail(payload: JsonObject | undefined, kind: "error" | "failing"): EventKind {
    this.#failure ??= decodeFailure(payload ?? {});
    if (isJsonObject(payload?.["response"])) this.#noteResponse(payload["response"]);
    return kind;
  }

  /** What the response in an event that ends the stream says of itself. */
  #noteResponse(response: JsonObject): void {
    const ofItems = billedTools(itemsOf(response));
    const isAllSeen = billedCalls(this.#billedTools) >= billedCalls(ofItems);
    this.#usage = readUsage(response["usage"], isAllSeen ? this.#billedTools : ofItems) ?? this.#usage;
    this.#serviceTier = textMember(response, "service_tier") ?? this.#serviceTier;
    this.#storedId = storedIdOf(response);
  }
}

/** Providers that store nothing say so, or don't say. */
function storedIdOf(response: JsonObject): string | undefined {
  return response["store"] === true ? textMember(response, "id") : undefined;
}

const CLOSING: readonly Uint8Array[] = [
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
  "response.done",
  "error",
].map((type) => Buffer.from(type));

function isClosing(bytes: Uint8Array, start: number, end: number): boolean {
  for (const type of CLOSING) if (isSame(bytes, start, end, type)) return true;
  return false;
}

function itemsOf(response: JsonObject): readonly JsonObject[] {
  const { output } = response;
  return Array.isArray(output) ? output.filter(isJsonObject) : [];
}

function generatedBytes(items: readonly JsonObject[]): number {
  let bytes = 0;
  for (const { content, summary, arguments: called, input } of items) {
    for (const parts of [content, summary]) if (Array.isArray(parts)) bytes += textLength(parts);
    if (typeof called === "string") bytes += called.length;
    if (typeof input === "string") bytes += input.length;
  }
  return bytes;
}

function textLength(parts: readonly unknown[]): number {
  let length = 0;
  for (const part of parts) {
    const text = isJsonObject(part) ? (part["text"] ?? part["refusal"]) : undefined;
    if (typeof text === "string") length += text.length;
  }
  return length;
}

function payloadOf(bytes: Uint8Array, start: number, end: number): JsonObject | undefined {
  return parse(readEvent(bytes, start, end).data);
}

function parse(text: string): JsonObject | undefined {
  try {
    const payload: unknown = JSON.parse(text);
    return isJsonObject(payload) ? payload : undefined;
  } catch {
    // What is no JSON is passed on; it counts for nothing.
    return undefined;
  }
}
