import type { Citation } from "./citation.ts";
import type { DialectId } from "./dialect-id.ts";
import type { JsonObject } from "./json.ts";
import type { Signature } from "./signature.ts";
import type { Vendor } from "./vendor.ts";

/** Marks the end of a prompt's beginning that the provider shall keep in its cache. */
export interface CacheMarker {
  readonly ttl: "5m" | "1h";
}

/** Whatever may end a cached beginning. */
export interface Cacheable {
  readonly cache?: CacheMarker;
}

/** Where the bytes of an image, sound, film or document are. */
export type MediaSource =
  | { readonly from: "url"; readonly url: string; readonly mediaType?: string }
  | { readonly from: "base64"; readonly mediaType: string; readonly data: string }
  /** A document that is plain text. */
  | { readonly from: "text"; readonly text: string }
  /** A file that was uploaded to the vendor before; no other vendor has it. */
  | { readonly from: "file"; readonly vendor: Vendor; readonly fileId: string; readonly mediaType?: string };

export interface TextPart extends Cacheable {
  readonly kind: "text";
  readonly text: string;
  readonly citations?: readonly Citation[];
  /** Google signs parts of any kind. */
  readonly signature?: Signature;
}

export interface ImagePart extends Cacheable {
  readonly kind: "image";
  readonly source: MediaSource;
  /** `auto`, `low`, `high`: how closely to look. */
  readonly detail?: string;
}

export interface AudioPart {
  readonly kind: "audio";
  readonly source: MediaSource;
}

export interface VideoPart {
  readonly kind: "video";
  readonly source: MediaSource;
}

export interface DocumentPart extends Cacheable {
  readonly kind: "document";
  readonly source: MediaSource;
  readonly name?: string;
  /** What the model is told about the document, beside its text. */
  readonly context?: string;
  /** Whether the answer shall cite it. */
  readonly citable?: boolean;
  /** As the vendor has it, for the same dialect, where it says more than the members above. */
  readonly original?: { readonly dialect: DialectId; readonly value: JsonObject };
}

/** What the model thought, as far as the vendor shows it. It must come back unchanged where it is signed. */
export interface ReasoningPart {
  readonly kind: "reasoning";
  readonly text: string;
  readonly signature?: Signature;
}

export interface ToolCallPart extends Cacheable {
  readonly kind: "tool-call";
  readonly id: string;
  readonly name: string;
  /** JSON; for a free-form tool, its input as it stands. */
  readonly arguments: string;
  /** True for a call of a free-form tool. */
  readonly freeForm?: boolean;
  readonly signature?: Signature;
}

export interface RefusalPart {
  readonly kind: "refusal";
  readonly text: string;
}

/**
 * A part that the client's dialect has and this model has no word for: it survives towards the same dialect and is
 * reported as lost towards any other.
 */
export interface OtherPart {
  readonly kind: "other";
  readonly dialect: DialectId;
  readonly value: unknown;
}

/** One part of a message. */
export type ContentPart =
  | TextPart
  | ImagePart
  | AudioPart
  | VideoPart
  | DocumentPart
  | ReasoningPart
  | ToolCallPart
  | RefusalPart
  | OtherPart;
