import type { Dialect } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import { generate } from "./generate/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiCompletions } from "./openai-completions/index.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";

/** Every wire format, by its id. */
export const dialects: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>([
  ["generate", generate],
  ["openai-chat", openaiChat],
  ["openai-responses", openaiResponses],
  ["openai-completions", openaiCompletions],
  ["openai-embeddings", openaiEmbeddings],
  ["anthropic-messages", anthropicMessages],
]);
