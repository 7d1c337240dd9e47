import type { Provider } from "../model/provider.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * NVIDIA NIM as NVIDIA hosts it: https://docs.api.nvidia.com/nim/reference/llm-apis; the same server is run by oneself
 * under another base_url (https://docs.nvidia.com/nim/large-language-models/latest/api-reference.html). vLLM is behind it.
 */
export const nvidia: Provider = Object.freeze({
  id: "nvidia",
  title: "NVIDIA NIM",
  endpoints: [{ dialect: "openai-chat" }, { dialect: "openai-embeddings" }],
  baseUrl: "https://integrate.api.nvidia.com/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["NVIDIA_API_KEY"],
  defaultModel: "meta/llama-3.3-70b-instruct",
  quirks: [
    {
      lacks: [...OPENAI_OWN, ...NAMES, "parallel-tool-calls", "strict-tools"],
      efforts: ["low", "medium", "high"],
    },
    {
      models: ["meta/llama-3.1-*", "meta/llama-3.3-*"],
      lacks: ["reasoning-effort", "image-url", "image-base64"],
    },
  ],
} satisfies Provider);
