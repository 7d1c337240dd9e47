import type { Citation, CitationSource } from "../../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { listOf, numberOf, objectOf, textOf } from "../members.ts";
import type { WireGrounding, WireGroundingChunk, WireGroundingSupport } from "../wire.ts";
import { ByteOffsets } from "./byte-offsets.ts";

/** A citation whose place, where it has one, is within the whole text of its candidate, in UTF-16 units. */
export interface CitedSource extends Pick<Citation, "source" | "citedText" | "start" | "end"> {}

/**
 * What an answer's text rests on: `groundingMetadata` of its searches
 * (https://ai.google.dev/gemini-api/docs/google-search), and `citationMetadata` of what it quotes at length
 * (https://ai.google.dev/api/generate-content#CitationMetadata). `text` is all that the candidate has said.
 */
export function readCitations(candidate: JsonObject, text: string): readonly CitedSource[] {
  const offsets = new ByteOffsets(text);
  const grounding = objectOf(candidate, "groundingMetadata");
  const citations = objectOf(candidate, "citationMetadata");
  return [
    ...(grounding === undefined ? [] : readGrounding(grounding, offsets)),
    ...(citations === undefined ? [] : readQuotations(citations, offsets)),
  ];
}

/** The citations of a candidate as its grounding; undefined where there are none. */
export function encodeGrounding(citations: readonly CitedSource[], text: string): WireGrounding | undefined {
  if (citations.length === 0) return undefined;
  const offsets = new ByteOffsets(text);
  const chunks: WireGroundingChunk[] = [];
  const places = new Map<string, number>();
  const supports = citations.map((citation): WireGroundingSupport => {
    const chunk = encodeChunk(citation);
    const key = JSON.stringify(chunk);
    const place = places.get(key) ?? chunks.push(chunk) - 1;
    places.set(key, place);
    const { start = 0, end = text.length } = citation;
    const segment = {
      startIndex: offsets.byteAt(start),
      endIndex: offsets.byteAt(end),
      text: text.slice(start, end),
    };
    return { segment, groundingChunkIndices: [place] };
  });
  return { groundingChunks: chunks, groundingSupports: supports };
}

function readGrounding(grounding: JsonObject, offsets: ByteOffsets): readonly CitedSource[] {
  const chunks = listOf(grounding, "groundingChunks").map((chunk) =>
    isJsonObject(chunk) ? readChunk(chunk) : undefined,
  );
  const supports = listOf(grounding, "groundingSupports").filter(isJsonObject);
  // Sources that no stretch of the text is said to rest on are sources of all of it.
  if (supports.length === 0) return chunks.filter((chunk) => chunk !== undefined);
  return supports.flatMap((support) => {
    const place = placeOf(objectOf(support, "segment"), offsets);
    return listOf(support, "groundingChunkIndices").flatMap((index) => {
      const chunk = typeof index === "number" ? chunks[index] : undefined;
      return chunk === undefined ? [] : [{ ...chunk, ...place }];
    });
  });
}

/** The segment says its words too, which tell whether its place is to be trusted. */
function placeOf(
  segment: JsonObject | undefined,
  offsets: ByteOffsets,
): { readonly start?: number; readonly end?: number } {
  if (segment === undefined) return {};
  const start = offsets.unitAt(numberOf(segment, "startIndex") ?? 0);
  const end = offsets.unitAt(numberOf(segment, "endIndex") ?? 0);
  const words = textOf(segment, "text");
  if (words === undefined) return end > start ? { start, end } : {};
  if (offsets.text.slice(start, end) === words) return { start, end };
  const found = offsets.text.indexOf(words);
  return found === -1 ? {} : { start: found, end: found + words.length };
}

function readQuotations(metadata: JsonObject, offsets: ByteOffsets): readonly CitedSource[] {
  const sources = [...listOf(metadata, "citationSources"), ...listOf(metadata, "citations")];
  return sources.filter(isJsonObject).flatMap((quotation): readonly CitedSource[] => {
    const url = textOf(quotation, "uri");
    if (url === undefined) return [];
    return [{ source: page(url, textOf(quotation, "title")), ...placeOf(quotation, offsets) }];
  });
}

function readChunk(chunk: JsonObject): CitedSource | undefined {
  const web = objectOf(chunk, "web") ?? objectOf(chunk, "maps");
  if (web !== undefined) return readPage(web, "uri");
  const image = objectOf(chunk, "image");
  if (image !== undefined) return readPage(image, "sourceUri");
  const context = objectOf(chunk, "retrievedContext");
  return context && readContext(context);
}

function readPage(holder: JsonObject, member: string): CitedSource | undefined {
  const url = textOf(holder, member);
  return url === undefined ? undefined : { source: page(url, textOf(holder, "title")) };
}

/** A document that a retrieval tool found: a page where it has a page's address. */
function readContext(context: JsonObject): CitedSource {
  const url = textOf(context, "uri");
  const title = textOf(context, "title");
  const citedText = textOf(context, "text");
  const isPage = url !== undefined && /^https?:\/\//.test(url);
  const name = title ?? url ?? textOf(context, "fileSearchStore");
  const source: CitationSource = isPage
    ? page(url, title)
    : { kind: "document", ...(name !== undefined && { title: name }) };
  return { source, ...(citedText !== undefined && { citedText }) };
}

function page(url: string, title: string | undefined): CitationSource {
  return { kind: "url", url, ...(title !== undefined && { title }) };
}

function encodeChunk({ source, citedText }: CitedSource): WireGroundingChunk {
  if (source.kind === "url") return { web: { uri: source.url, title: source.title ?? source.url } };
  const { title } = source;
  return {
    retrievedContext: {
      ...(title !== undefined && { title }),
      ...(citedText !== undefined && { text: citedText }),
    },
  };
}
