import { estimateTokenCount } from "tokenx";
import type { SpecialPart } from "../../ledger/prices/estimate.ts";
import type { ContentPart } from "../../model/content-part.ts";
import type { Conversation } from "../../model/conversation.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";

/** What a request will take as input, as far as can be told before it is sent. */
export interface ExpectedInput {
  /** Rather too many than too few. */
  readonly tokensHigh: number;
  readonly tokens: number;
  /** Kinds of input that may have a price of their own. */
  readonly parts: readonly SpecialPart[];
}

/** A body up to this long is measured as it is; a longer one may hold images, which are no text. */
const MEASURED_AS_TEXT_BYTES = 32 * 1024;
/** A text is measured on this much of it and scaled. */
const SAMPLE_CHARACTERS = 8192;
/** What is measured is a guess at another vendor's tokens: so much may be missing. */
const SURPLUS = 1.5;
const SURPLUS_TOKENS = 32;
/** Vendors count at most about so many for one image. */
const IMAGE_TOKENS = 3_000;
/** A page of a document is at most about so many, and at least about so many bytes. */
const PAGE_TOKENS = 3_000;
const PAGE_BYTES = 20_000;
/** Of sound, most vendors count 10 to 32 tokens a second; a second has at least so many bytes. */
const AUDIO_TOKENS_PER_BYTE = 32 / 2_000;
const NO_PARTS: readonly SpecialPart[] = [];

/** Measures a request. Only asked for where a limit or a budget must know. */
export function expectedInput(request: InferenceRequest): ExpectedInput {
  const bytes = request.original?.bytes;
  if (bytes !== undefined && bytes.byteLength <= MEASURED_AS_TEXT_BYTES && !mayHoldMedia(bytes)) {
    return withSurplus(estimateTokenCount(new TextDecoder().decode(bytes)), bytes.byteLength, NO_PARTS);
  }
  const content = request.content();
  if ("messages" in content) return ofConversation(content);
  return withSurplus(Math.ceil(request.bodyBytes / 4), request.bodyBytes, NO_PARTS);
}

const BASE64 = Buffer.from("base64");

function mayHoldMedia(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(BASE64);
}

function ofConversation({ messages, tools }: Conversation): ExpectedInput {
  const texts: string[] = [JSON.stringify(tools)];
  let mediaTokens = 0;
  const kinds = new Set<SpecialPart>();
  for (const { content } of messages) {
    for (const part of content) {
      const media = mediaTokensOf(part);
      if (media === undefined) texts.push(textOf(part));
      else mediaTokens += media;
      if (part.kind === "audio") kinds.add("inputAudio");
      if (part.kind === "image") kinds.add("inputImage");
      if (part.kind === "video") kinds.add("inputVideo");
      if ("cache" in part && part.cache?.ttl === "1h") kinds.add("cacheWrite1h");
    }
  }
  const text = texts.join("\n");
  const scale = Math.max(1, text.length / SAMPLE_CHARACTERS);
  const measured = Math.ceil(estimateTokenCount(text.slice(0, SAMPLE_CHARACTERS)) * scale);
  const { tokens, tokensHigh } = withSurplus(measured, Buffer.byteLength(text), NO_PARTS);
  return { tokens: tokens + mediaTokens, tokensHigh: tokensHigh + mediaTokens, parts: [...kinds] };
}

/** No token is shorter than a byte. */
function withSurplus(tokens: number, bytes: number, parts: readonly SpecialPart[]): ExpectedInput {
  const tokensHigh = Math.min(Math.ceil(tokens * SURPLUS) + SURPLUS_TOKENS, bytes + SURPLUS_TOKENS);
  return { tokens, tokensHigh, parts };
}

/** Undefined for what is text. */
function mediaTokensOf(part: ContentPart): number | undefined {
  if (!("source" in part)) return undefined;
  const { source } = part;
  if (source.from === "text") return Math.ceil(source.text.length / 2);
  const bytes = source.from === "base64" ? source.data.length * 0.75 : PAGE_BYTES;
  switch (part.kind) {
    case "image":
      return IMAGE_TOKENS;
    case "document":
      return Math.ceil(bytes / PAGE_BYTES) * PAGE_TOKENS;
    case "audio":
    case "video":
      return Math.ceil(bytes * AUDIO_TOKENS_PER_BYTE);
  }
}

function textOf(part: ContentPart): string {
  if ("text" in part) return part.text;
  return part.kind === "tool-call" ? part.name + part.arguments : JSON.stringify(part);
}
