/**
 * What a request can say, as far as some dialects can't say it. A loss names one of these; each dialect has the words
 * for it in its `fields` table, and docs/translation.md lists who can say what.
 */
export const FEATURES = [
  "developer-role",
  "late-system-message",
  "message-name",
  "image-url",
  "image-base64",
  "image-detail",
  "document-url",
  "document-base64",
  "document-text",
  "document-context",
  "document-citations",
  "audio",
  "video",
  "uploaded-file",
  "refusal-history",
  "reasoning-history",
  "signature",
  "vendor-part",
  "tools",
  "strict-tools",
  "free-form-tools",
  "vendor-tools",
  "tool-choice",
  "allowed-tools",
  "parallel-tool-calls",
  "tool-result-media",
  "tool-result-error",
  "json-object",
  "json-schema",
  "temperature",
  "top-p",
  "top-k",
  "stop",
  "max-output-tokens",
  "seed",
  "frequency-penalty",
  "presence-penalty",
  "choices",
  "log-probabilities",
  "reasoning-effort",
  "reasoning-budget",
  "reasoning-shown",
  "verbosity",
  "cache-marker",
  "cache-key",
  "end-user",
  "metadata",
  "service-tier",
  "store",
  "embedding-dimensions",
  "embedding-purpose",
  "embedding-title",
  "extension",
] as const;

/** One thing that a request can say. */
export type Feature = (typeof FEATURES)[number];

/** Something that the client asked for and the provider's dialect can't carry as it was asked. */
export interface Loss {
  readonly feature: Feature;
  /** What was done instead, to stand behind "`field` (provider): ": "left out", "1 was sent, the most it takes". */
  readonly done: string;
  /** The client's own name of the member, where it is no fixed one. */
  readonly field?: string;
}
