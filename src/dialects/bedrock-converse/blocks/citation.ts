import type { Citation, CitationSource, CitedPlace } from "../../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { numberMember, textMember } from "../../json/members.ts";

const UNITS = { documentChar: "character", documentPage: "page", documentChunk: "block" } as const;

/**
 * A citation, whole or as a stream's delta has it
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html).
 */
export function readCitation(value: JsonObject): Citation {
  const citedText = sourceText(value["sourceContent"]);
  return {
    source: readSource(value),
    ...(citedText !== "" && { citedText }),
    original: { dialect: "bedrock-converse", value },
  };
}

function readSource(value: JsonObject): CitationSource {
  const location = isJsonObject(value["location"]) ? value["location"] : {};
  const title = textMember(value, "title");
  const titled = title !== undefined && { title };
  const url = webAddress(value, location);
  if (url !== undefined) return { kind: "url", url, ...titled };
  for (const [member, unit] of Object.entries(UNITS)) {
    const place = location[member];
    if (!isJsonObject(place)) continue;
    const index = numberMember(place, "documentIndex");
    const cited = citedPlace(place, unit);
    return {
      kind: "document",
      ...(index !== undefined && { index }),
      ...titled,
      ...(cited && { location: cited }),
    };
  }
  return { kind: "document", ...titled };
}

/** A page of the web; of a search result, its source, where that is an address. */
function webAddress(value: JsonObject, location: JsonObject): string | undefined {
  const { web } = location;
  const url = isJsonObject(web) ? textMember(web, "url") : undefined;
  const source = textMember(value, "source");
  return url ?? (source !== undefined && /^https?:\/\//.test(source) ? source : undefined);
}

function citedPlace(place: JsonObject, unit: CitedPlace["unit"]): CitedPlace | undefined {
  const start = numberMember(place, "start");
  const end = numberMember(place, "end");
  return start === undefined || end === undefined ? undefined : { unit, start, end };
}

function sourceText(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content.map((piece) => (isJsonObject(piece) ? (textMember(piece, "text") ?? "") : "")).join("");
}
