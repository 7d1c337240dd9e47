import type { Citation, CitationSource } from "../../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { numberMember, textMember } from "../../json/members.ts";
import { documentIndex } from "./document.ts";

/** The words of a source that are worth repeating; a whole document is not. */
const MOST_CHARACTERS = 1000;

/**
 * One of `citations`: a stretch of the answer's text and all its sources, each of which is a citation of its own
 * (https://docs.cohere.com/v2/docs/rag-citations). What the model planned or thought is cited nowhere.
 */
export function readCitations(value: JsonObject): readonly Citation[] {
  const type = value["type"];
  if (type === "PLAN" || type === "THINKING_CONTENT") return [];
  const start = numberMember(value, "start");
  const end = numberMember(value, "end");
  const { sources } = value;
  return (Array.isArray(sources) ? sources : []).filter(isJsonObject).map((source) => ({
    ...readSource(source),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    original: { dialect: "cohere", value },
  }));
}

function readSource(source: JsonObject): Pick<Citation, "source" | "citedText"> {
  const document: JsonObject = isJsonObject(source["document"]) ? source["document"] : {};
  const text = textMember(document, "text") ?? textMember(document, "snippet");
  const citedText = text !== undefined && text.length <= MOST_CHARACTERS && { citedText: text };
  return { source: sourceOf(source, document), ...citedText };
}

function sourceOf(source: JsonObject, document: JsonObject): CitationSource {
  const id = textMember(source, "id") ?? textMember(document, "id");
  const title = textMember(document, "title");
  const url = textMember(document, "url");
  if (url !== undefined) return { kind: "url", url, ...(title !== undefined && { title }) };
  const index = id === undefined ? undefined : documentIndex(id);
  const named = title ?? (index === undefined ? id : undefined);
  return {
    kind: "document",
    ...(index !== undefined && { index }),
    ...(named !== undefined && { title: named }),
  };
}
