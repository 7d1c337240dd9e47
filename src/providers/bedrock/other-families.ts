import type { Feature } from "../../model/loss.ts";
import type { FamilyQuirks } from "../../model/quirks.ts";

/** What Claude alone has among Bedrock's models. */
const CLAUDES_ALONE: readonly Feature[] = ["document-citations", "document-context"];
const REASONING: readonly Feature[] = ["reasoning-effort", "reasoning-budget"];
const MEDIA: readonly Feature[] = ["image-base64", "audio", "video", "document-base64", "document-text"];

/**
 * Who has what: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html,
 * and for open-weight models .../userguide/structured-output.html
 */
export const OTHER_FAMILIES: readonly FamilyQuirks[] = [
  // https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html
  {
    models: ["*amazon.nova*"],
    lacks: [...CLAUDES_ALONE, "strict-tools"],
    signatures: [],
    jsonSchema: "tool",
    maxStopSequences: 4,
    cacheLifetimes: ["5m"],
    efforts: ["none", "low", "medium", "high"],
    converse: { topK: "inferenceConfig.topK", reasoning: "reasoningConfig" },
  },
  { models: ["*amazon.nova-micro*"], lacks: MEDIA },
  { models: ["*amazon.nova-lite*", "*amazon.nova-pro*", "*amazon.nova-premier*"], lacks: ["audio"] },
  {
    models: ["*amazon.nova-micro*", "*amazon.nova-lite*", "*amazon.nova-pro*", "*amazon.nova-premier*"],
    lacks: REASONING,
  },
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html
  {
    models: ["*openai.gpt-oss*"],
    lacks: [...CLAUDES_ALONE, ...MEDIA, "cache-marker", "tool-result-error"],
    signatures: [],
    jsonSchema: "native",
    efforts: ["low", "medium", "high"],
    converse: { reasoning: "reasoning_effort" },
  },
  {
    models: ["*openai.gpt-5*"],
    lacks: [...CLAUDES_ALONE, "audio", "video", "cache-marker", "tool-result-error"],
    signatures: [],
    jsonSchema: "native",
    converse: { reasoning: "reasoning.effort" },
  },
  {
    models: ["*qwen.*", "*deepseek.v*", "*google.gemma*", "*nvidia.*", "*minimax*", "*moonshot*", "*zai.*"],
    lacks: [...CLAUDES_ALONE, ...REASONING, "cache-marker", "tool-result-error"],
    signatures: [],
    jsonSchema: "native",
  },
  {
    models: ["*mistral.*"],
    lacks: [...CLAUDES_ALONE, ...REASONING, "cache-marker", "tool-result-error", "strict-tools"],
    signatures: [],
    jsonSchema: "tool",
    toolCallIds: "nine-characters",
  },
  {
    models: ["*meta.llama*", "*deepseek.r1*", "*ai21.*", "*writer.*", "*amazon.titan*", "*cohere.command*"],
    lacks: [
      ...CLAUDES_ALONE,
      ...REASONING,
      "cache-marker",
      "tool-choice",
      "tool-result-error",
      "strict-tools",
    ],
    signatures: [],
    jsonSchema: "tool",
  },
  { models: ["*cohere.command*"], converse: { topK: "k" } },
];
