import type { Citation } from "../../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { numberMember, textMember } from "../../json/members.ts";

/** `annotations` of a message or delta (https://platform.openai.com/docs/api-reference/chat/object, url_citation). */
export function readAnnotations(message: JsonObject): readonly Citation[] {
  const { annotations } = message;
  return Array.isArray(annotations) ? annotations.flatMap(readAnnotation) : [];
}

/**
 * The sources that Perplexity and xAI name once for the whole answer: `search_results` with titles, else `citations`,
 * a list of addresses (https://docs.perplexity.ai/api-reference/chat-completions-post).
 */
export function readSources(completion: JsonObject): readonly Citation[] {
  const { search_results: results, citations } = completion;
  if (Array.isArray(results) && results.length > 0) return results.flatMap(readSource);
  return Array.isArray(citations) ? citations.flatMap(readSource) : [];
}

/** A citation as an annotation; undefined for one of a document, which this dialect has no word for. */
export function encodeAnnotation({ source, start = 0, end = 0 }: Citation): JsonObject | undefined {
  if (source.kind !== "url") return undefined;
  return {
    type: "url_citation",
    url_citation: {
      start_index: start,
      end_index: end,
      url: source.url,
      title: source.title ?? source.url,
    },
  };
}

function readAnnotation(annotation: unknown): readonly Citation[] {
  const cited = isJsonObject(annotation) ? annotation["url_citation"] : undefined;
  const url = isJsonObject(cited) ? textMember(cited, "url") : undefined;
  if (!isJsonObject(annotation) || !isJsonObject(cited) || url === undefined) return [];
  const title = textMember(cited, "title");
  const start = numberMember(cited, "start_index");
  const end = numberMember(cited, "end_index");
  return [
    {
      source: { kind: "url", url, ...(title !== undefined && { title }) },
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
      original: { dialect: "openai-chat", value: annotation },
    },
  ];
}

function readSource(source: unknown): readonly Citation[] {
  if (typeof source === "string") return [{ source: { kind: "url", url: source } }];
  const url = isJsonObject(source) ? textMember(source, "url") : undefined;
  if (!isJsonObject(source) || url === undefined) return [];
  const title = textMember(source, "title");
  return [{ source: { kind: "url", url, ...(title !== undefined && { title }) } }];
}
