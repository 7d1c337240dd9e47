/** The names of the wire formats. A new dialect adds its name here and its folder in dialects/. */
export type DialectId =
  | "generate"
  | "openai-chat"
  | "openai-responses"
  | "openai-completions"
  | "openai-embeddings"
  | "anthropic-messages"
  | "gemini"
  | "bedrock-converse"
  | "cohere"
  | "rerank";
