/**
 * Gemini's generateContent as this gateway writes it: only the members we touch
 * (https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse). What we read is taken as a plain JSON
 * object instead.
 */

/** `usageMetadata`. */
export interface WireUsage {
  readonly promptTokenCount: number;
  readonly cachedContentTokenCount?: number;
  readonly candidatesTokenCount: number;
  readonly thoughtsTokenCount?: number;
  readonly totalTokenCount: number;
  readonly promptTokensDetails?: readonly WireModalityCount[];
  readonly candidatesTokensDetails?: readonly WireModalityCount[];
  readonly serviceTier?: string;
}

/** Tokens of one kind. */
export interface WireModalityCount {
  readonly modality: "TEXT" | "AUDIO" | "IMAGE" | "VIDEO";
  readonly tokenCount: number;
}

/** One source in `groundingMetadata.groundingChunks`. */
export interface WireGroundingChunk {
  readonly web?: { readonly uri: string; readonly title: string };
  readonly retrievedContext?: { readonly title?: string; readonly text?: string };
}

/** What of an answer rests on which sources; places are counted in UTF-8 bytes. */
export interface WireGroundingSupport {
  readonly segment: { readonly startIndex: number; readonly endIndex: number; readonly text: string };
  readonly groundingChunkIndices: readonly number[];
}

/** `groundingMetadata` of a candidate. */
export interface WireGrounding {
  readonly groundingChunks: readonly WireGroundingChunk[];
  readonly groundingSupports: readonly WireGroundingSupport[];
}

/** A token in `logprobsResult`. */
export interface WireToken {
  readonly token: string;
  readonly logProbability: number;
}

/** `logprobsResult` of a candidate. */
export interface WireLogProbabilities {
  readonly chosenCandidates: readonly WireToken[];
  readonly topCandidates: readonly { readonly candidates: readonly WireToken[] }[];
}

/** The error of an envelope, a google.rpc.Status as JSON (https://cloud.google.com/apis/design/errors). */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly status: string;
  readonly details: readonly WireErrorDetail[];
}

/** One of `details`: what kind of message it is, and its members. */
export interface WireErrorDetail {
  readonly "@type": `type.googleapis.com/google.rpc.${string}`;
  readonly [member: string]: unknown;
}
