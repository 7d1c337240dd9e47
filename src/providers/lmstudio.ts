import type { Provider } from "../model/provider.ts";
import { inDialects, messagesAt } from "./compatible.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * LM Studio: https://lmstudio.ai/docs/developer/openai-compat and /anthropic-compat. Of formats it has `json_schema` alone
 * (/docs/developer/openai-compat/structured-output), of images those that come as bytes.
 */
export const lmstudio: Provider = Object.freeze({
  id: "lmstudio",
  title: "LM Studio",
  endpoints: [
    ...inDialects("openai-chat", "openai-embeddings", "openai-completions"),
    messagesAt("/messages"),
  ],
  baseUrl: "http://127.0.0.1:1234/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["LM_API_TOKEN"],
  addressVariables: ["LMSTUDIO_BASE_URL", "LM_STUDIO_API_BASE"],
  free: true,
  quirks: [
    {
      lacks: [
        ...OPENAI_OWN,
        "image-url",
        ...NAMES,
        "json-object",
        "parallel-tool-calls",
        "strict-tools",
        "choices",
        "log-probabilities",
      ],
      has: ["top-k"],
      efforts: ["low", "medium", "high"],
    },
  ],
} satisfies Provider);
