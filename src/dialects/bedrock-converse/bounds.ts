import type { DialectBounds } from "../translation/bounds.ts";
import { ADDRESSES } from "./blocks/media-bytes.ts";

/**
 * What Converse has no words for (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
 * What a family of its models lacks beyond that stands with the provider.
 */
export const BOUNDS: DialectBounds = Object.freeze({
  dialect: "bedrock-converse",
  signatures: ["anthropic"],
  maxTemperature: 1,
  addresses: ADDRESSES,
  sameMembers: [
    "guardrailConfig",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
  ],
  lacks: [
    "message-name",
    "image-url",
    "image-detail",
    "document-url",
    "reasoning-history",
    "free-form-tools",
    "allowed-tools",
    "parallel-tool-calls",
    "seed",
    "frequency-penalty",
    "presence-penalty",
    "choices",
    "log-probabilities",
    "reasoning-shown",
    "verbosity",
    "cache-key",
    "end-user",
    "store",
  ],
} satisfies DialectBounds);
