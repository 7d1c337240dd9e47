import type { Citation, CitationSource, CitedPlace } from "../../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { numberMember, textMember } from "../../json/members.ts";

type DocumentSource = Extract<CitationSource, { kind: "document" }>;

/** The members that name a place in a document, by its unit. */
const PLACES = {
  char_location: { unit: "character", start: "start_char_index", end: "end_char_index" },
  page_location: { unit: "page", start: "start_page_number", end: "end_page_number" },
  content_block_location: { unit: "block", start: "start_block_index", end: "end_block_index" },
} as const;

/**
 * An entry of a text block's `citations`, or what a `citations_delta` brings; undefined for what is none
 * (https://platform.claude.com/docs/en/build-with-claude/citations, .../search-results, .../web-search-tool).
 */
export function readCitation(value: unknown): Citation | undefined {
  const source = isJsonObject(value) ? readSource(value) : undefined;
  if (!isJsonObject(value) || source === undefined) return undefined;
  const citedText = textMember(value, "cited_text");
  return {
    source,
    ...(citedText !== undefined && { citedText }),
    original: { dialect: "anthropic-messages", value },
  };
}

/** All entries of `citations`. */
export function readCitations(citations: unknown): readonly Citation[] {
  return Array.isArray(citations) ? citations.flatMap((citation) => readCitation(citation) ?? []) : [];
}

/** The citation as it is told to a client. */
export function encodeCitation(citation: Citation): JsonObject {
  const { original, source, citedText = "" } = citation;
  if (original?.dialect === "anthropic-messages") return original.value;
  if (source.kind === "url") {
    const { url, title = null } = source;
    return { type: "web_search_result_location", cited_text: citedText, url, title, encrypted_index: "" };
  }
  const { index = 0, title = null, fileId = null, location } = source;
  const document = { document_index: index, document_title: title, file_id: fileId };
  return { ...encodePlace(location), cited_text: citedText, ...document };
}

/**
 * The citations of an earlier turn, to send back: as Anthropic wrote them, since it checks what stands in them. Those of
 * other vendors belong to an answer that has been given.
 */
export function encodeCitationHistory(citations: readonly Citation[] | undefined): JsonObject {
  const own = (citations ?? []).flatMap(({ original }) =>
    original?.dialect === "anthropic-messages" ? [original.value] : [],
  );
  return own.length === 0 ? {} : { citations: own };
}

function readSource(value: JsonObject): CitationSource | undefined {
  switch (value["type"]) {
    case "web_search_result_location":
      return readPage(value, "url");
    case "search_result_location":
      return readPage(value, "source");
    case "char_location":
    case "page_location":
    case "content_block_location":
      return readDocument(value, PLACES[value["type"]]);
    default:
      return undefined;
  }
}

/** A search result's `source` is the client's own, mostly an address. */
function readPage(value: JsonObject, member: string): CitationSource | undefined {
  const url = textMember(value, member);
  const title = textMember(value, "title");
  return url === undefined ? undefined : { kind: "url", url, ...(title !== undefined && { title }) };
}

function readDocument(value: JsonObject, place: (typeof PLACES)[keyof typeof PLACES]): DocumentSource {
  const index = numberMember(value, "document_index");
  const title = textMember(value, "document_title");
  const fileId = textMember(value, "file_id");
  const start = numberMember(value, place.start);
  const end = numberMember(value, place.end);
  return {
    kind: "document",
    ...(index !== undefined && { index }),
    ...(title !== undefined && { title }),
    ...(fileId !== undefined && { fileId }),
    ...(start !== undefined && end !== undefined && { location: { unit: place.unit, start, end } }),
  };
}

function encodePlace(location: CitedPlace | undefined): JsonObject {
  const { unit, start, end } = location ?? { unit: "character", start: 0, end: 0 };
  switch (unit) {
    case "character":
      return { type: "char_location", start_char_index: start, end_char_index: end };
    case "page":
      return { type: "page_location", start_page_number: start, end_page_number: end };
    case "block":
      return { type: "content_block_location", start_block_index: start, end_block_index: end };
  }
}
