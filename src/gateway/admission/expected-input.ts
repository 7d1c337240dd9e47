import { estimateTokenCount } from "tokenx";
import type { SpecialPart } from "../../ledger/prices/estimate.ts";
import type { Conversation } from "../../model/conversation.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { estimateTokens } from "../estimate-tokens.ts";

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
/** What is measured is a guess at another vendor's tokens: so much may be missing. */
const SURPLUS = 1.5;
const SURPLUS_TOKENS = 32;
const BASE64 = Buffer.from("base64");
const NO_PARTS: readonly SpecialPart[] = [];

/** Measures a request. Only asked for where a limit or a budget must know. */
export function expectedInput(request: InferenceRequest): ExpectedInput {
  const bytes = request.original?.bytes;
  if (bytes !== undefined && bytes.byteLength <= MEASURED_AS_TEXT_BYTES && !mayHoldMedia(bytes)) {
    return withSurplus(estimateTokenCount(new TextDecoder().decode(bytes)), NO_PARTS);
  }
  const content = request.content();
  if ("messages" in content) return withSurplus(estimateTokens(content), specialParts(content));
  return withSurplus(Math.ceil(request.bodyBytes / 4), NO_PARTS);
}

function mayHoldMedia(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(BASE64);
}

function specialParts({ messages }: Conversation): readonly SpecialPart[] {
  const parts = new Set<SpecialPart>();
  for (const { content } of messages) {
    for (const part of content) {
      if (part.kind === "audio") parts.add("inputAudio");
      if (part.kind === "image") parts.add("inputImage");
      if (part.kind === "video") parts.add("inputVideo");
      if ("cache" in part && part.cache?.ttl === "1h") parts.add("cacheWrite1h");
    }
  }
  return [...parts];
}

function withSurplus(tokens: number, parts: readonly SpecialPart[]): ExpectedInput {
  return { tokens, tokensHigh: Math.ceil(tokens * SURPLUS) + SURPLUS_TOKENS, parts };
}
