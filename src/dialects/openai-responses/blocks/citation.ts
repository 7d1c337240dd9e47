import type { Citation, CitationSource } from "../../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { numberMember, textMember } from "../../json/members.ts";

/**
 * `annotations` of a text (https://platform.openai.com/docs/api-reference/responses/object, output_text): pages of the
 * web, files that were searched, files that a tool made.
 */
export function readAnnotations(annotations: unknown): readonly Citation[] {
  return Array.isArray(annotations) ? annotations.flatMap(readAnnotation) : [];
}

/** One annotation, or none where it is of no known kind. */
export function readAnnotation(annotation: unknown): readonly Citation[] {
  if (!isJsonObject(annotation)) return [];
  const source = sourceOf(annotation);
  if (source === undefined) return [];
  // A file's citation names one place, behind the words that it supports.
  const place = numberMember(annotation, "index");
  const start = numberMember(annotation, "start_index") ?? place;
  const end = numberMember(annotation, "end_index") ?? place;
  return [
    {
      source,
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
      original: { dialect: "openai-responses", value: annotation },
    },
  ];
}

/** A citation as an annotation of a text in which its block stands from `offset` on and is `length` long. */
export function encodeAnnotation(citation: Citation, offset: number, length: number): JsonObject {
  const { source } = citation;
  const start = offset + (citation.start ?? 0);
  const end = offset + (citation.end ?? length);
  if (source.kind === "url") {
    const { url, title = url } = source;
    return { type: "url_citation", url, title, start_index: start, end_index: end };
  }
  const file_id = source.fileId ?? `document_${source.index ?? 0}`;
  return { type: "file_citation", file_id, filename: source.title ?? file_id, index: end };
}

function sourceOf(annotation: JsonObject): CitationSource | undefined {
  switch (annotation["type"]) {
    case "url_citation": {
      const url = textMember(annotation, "url");
      const title = textMember(annotation, "title");
      return url === undefined ? undefined : { kind: "url", url, ...(title !== undefined && { title }) };
    }
    case "file_citation":
    case "container_file_citation":
    case "file_path": {
      const fileId = textMember(annotation, "file_id");
      const title = textMember(annotation, "filename");
      if (fileId === undefined) return undefined;
      return { kind: "document", fileId, ...(title !== undefined && { title }) };
    }
    default:
      return undefined;
  }
}
