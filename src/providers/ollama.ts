import type { Provider } from "../model/provider.ts";
import { inDialects, messagesAt } from "./compatible.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * Ollama: https://docs.ollama.com/api/openai-compatibility and /api/anthropic-compatibility. `OLLAMA_HOST` is its own variable
 * (https://docs.ollama.com/faq), a host with or without scheme and port.
 */
export const ollama: Provider = Object.freeze({
  id: "ollama",
  title: "Ollama",
  endpoints: [
    ...inDialects("openai-chat", "openai-embeddings", "openai-completions"),
    messagesAt("/messages"),
  ],
  baseUrl: "http://127.0.0.1:11434/v1",
  authentication: { scheme: "bearer" },
  keyVariables: [],
  addressVariables: ["OLLAMA_HOST"],
  free: true,
  quirks: [
    {
      lacks: [
        ...OPENAI_OWN,
        "image-url",
        "image-detail",
        ...NAMES,
        "tool-choice",
        "parallel-tool-calls",
        "strict-tools",
        "choices",
        "log-probabilities",
      ],
      has: ["video"],
      reasoningHistory: "reasoning",
      efforts: ["none", "low", "medium", "high"],
    },
  ],
} satisfies Provider);
