import type { DialectId } from "./dialect-id.ts";
import type { JsonObject } from "./json.ts";

/** What an answer rests on: a page of the web, or a document that the request brought. */
export type CitationSource =
  | { readonly kind: "url"; readonly url: string; readonly title?: string }
  | {
      readonly kind: "document";
      /** Among the documents of the request, from 0. */
      readonly index?: number;
      readonly title?: string;
      readonly fileId?: string;
      readonly location?: CitedPlace;
    };

/** Where in a document: `start` is included, `end` is not; characters and blocks count from 0, pages from 1. */
export interface CitedPlace {
  readonly unit: "character" | "page" | "block";
  readonly start: number;
  readonly end: number;
}

/** One source of one stretch of an answer's text. */
export interface Citation {
  readonly source: CitationSource;
  /** The words of the source. */
  readonly citedText?: string;
  /** The stretch of the block's text that it supports, in UTF-16 units; absent means the whole block. */
  readonly start?: number;
  readonly end?: number;
  /** As the vendor wrote it, for the same dialect. */
  readonly original?: { readonly dialect: DialectId; readonly value: JsonObject };
}
