import type { Dialect } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import { gemini } from "./gemini/index.ts";
import { generate } from "./generate/index.ts";
import { openaiChat } from "./openai-chat/index.ts";

/** Every wire format, by its id. */
export const dialects: ReadonlyMap<DialectId, Dialect> = new Map<DialectId, Dialect>([
  ["generate", generate],
  ["openai-chat", openaiChat],
  ["gemini", gemini],
]);
