import type { Feature } from "../model/loss.ts";

/**
 * What OpenAI's own chat completions have and servers that follow them mostly don't: unknown members are refused by
 * some (Mistral, NVIDIA) and pass without effect at others, which is worse. A provider that documents one of these says
 * so by `has`.
 */
export const OPENAI_OWN: readonly Feature[] = [
  "uploaded-file",
  "document-base64",
  "audio",
  "refusal-history",
  "free-form-tools",
  "allowed-tools",
  "verbosity",
  "metadata",
  "store",
  "cache-key",
  "service-tier",
] satisfies Feature[];

/** Images, by address or as bytes. */
export const IMAGES: readonly Feature[] = ["image-url", "image-base64"] satisfies Feature[];

/** What keeps a model from repeating itself. */
export const PENALTIES: readonly Feature[] = ["frequency-penalty", "presence-penalty"] satisfies Feature[];

/** Who speaks, and for whom. */
export const NAMES: readonly Feature[] = ["message-name", "end-user"] satisfies Feature[];
