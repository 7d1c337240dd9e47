import type { DocumentPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { encodeSource, type Formats, formatOf } from "./media-bytes.ts";

const FORMATS: Formats = {
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/plain": "txt",
  "text/markdown": "md",
  "text/x-markdown": "md",
};

/**
 * A document block (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html); undefined
 * for a format that Bedrock doesn't know. Names may repeat nowhere in a request, so `names` holds those given.
 */
export function encodeDocument(part: DocumentPart, names: Set<string>): JsonObject | undefined {
  const body = bodyOf(part);
  if (body === undefined) return undefined;
  const { context, citable } = part;
  return {
    document: {
      ...body,
      name: uniqueName(part.name, names),
      ...(context !== undefined && { context }),
      ...(citable === true && { citations: { enabled: true } }),
    },
  };
}

/** Text goes as bytes, which every model takes; cited, it must stay text, so that places in it can be named. */
function bodyOf({ source, citable }: DocumentPart): JsonObject | undefined {
  if (source.from === "text") {
    const text = citable === true ? { text: source.text } : { bytes: base64Of(source.text) };
    return { format: "txt", source: text };
  }
  const format = formatOf(source, FORMATS);
  const encoded = encodeSource(source);
  return format === undefined || encoded === undefined ? undefined : { format, source: encoded };
}

function base64Of(text: string): string {
  return Buffer.from(text).toString("base64");
}

const MOST_NAME_CHARACTERS = 200;

/** A name may hold letters, digits, single blanks, hyphens, parentheses and square brackets. */
function uniqueName(written: string | undefined, names: Set<string>): string {
  const ending = written?.lastIndexOf(".") ?? -1;
  const stem = ending > 0 ? written?.slice(0, ending) : written;
  const allowed = (stem ?? "").replace(/[^A-Za-z0-9\-()[\]]+/g, " ").trim();
  const base = allowed.slice(0, MOST_NAME_CHARACTERS) || "document";
  let name = base;
  for (let count = 2; names.has(name); count++) name = `${base} ${count}`;
  names.add(name);
  return name;
}
