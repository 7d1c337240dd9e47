import type { Dialect } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import { cohere } from "./cohere/index.ts";
import { gemini } from "./gemini/index.ts";
import { generate } from "./generate/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiCompletions } from "./openai-completions/index.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { rerank } from "./rerank/index.ts";

/** Every wire format, by its id. */
export const dialects: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>([
  ["generate", generate],
  ["openai-chat", openaiChat],
  ["openai-responses", openaiResponses],
  ["openai-completions", openaiCompletions],
  ["openai-embeddings", openaiEmbeddings],
  ["anthropic-messages", anthropicMessages],
  ["bedrock-converse", bedrockConverse],
  ["cohere", cohere],
  ["rerank", rerank],
  ["gemini", gemini],
]);
