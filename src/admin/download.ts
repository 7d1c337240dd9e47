import { z } from "zod";
import { EXPORT_FORMATS, type ExportFormat, type ExportPart } from "../ledger/export/table-text.ts";
import type { Download } from "./resource.ts";

const CONTENT_TYPES: { readonly [Format in ExportFormat]: string } = {
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  jsonl: "application/jsonl",
};

/** The types in which tables are downloaded. */
export const downloadTypes: readonly string[] = EXPORT_FORMATS.map((format) => CONTENT_TYPES[format]);

/** What every export takes. */
export const formatQuery = {
  format: z.enum(EXPORT_FORMATS).default("csv").describe("`json` is one array, `jsonl` a line of JSON a row"),
} as const;

/** What stands for a download among the answers' schemas. */
export const download = z.custom<Download>();

/**
 * A table that is sent part by part: each is made when the one before has been taken, so a client that reads slowly holds
 * nothing up, and one that leaves ends it.
 */
export async function tableDownload<Place>(
  name: string,
  format: ExportFormat,
  partAfter: (place: Place | undefined) => Promise<ExportPart<Place>>,
): Promise<Download> {
  // Made before the status is sent: what can't be exported at all is told as an error.
  const first = await partAfter(undefined);
  return {
    contentType: CONTENT_TYPES[format],
    fileName: `${name}.${format}`,
    parts: partsOf(first, partAfter),
  };
}

async function* partsOf<Place>(
  first: ExportPart<Place>,
  partAfter: (place: Place | undefined) => Promise<ExportPart<Place>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let part = first; ; part = await partAfter(part.next)) {
    yield part.bytes;
    if (part.next === undefined) return;
  }
}
