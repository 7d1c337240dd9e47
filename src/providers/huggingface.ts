import type { Provider } from "../model/provider.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * Hugging Face Inference Providers, through its router: https://huggingface.co/docs/inference-providers/tasks/chat-completion.
 * `model:provider` names who serves it, `:cheapest` and `:fastest` choose; what it costs depends on that, so no price is
 * known here.
 */
export const huggingface: Provider = Object.freeze({
  id: "huggingface",
  title: "Hugging Face",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "https://router.huggingface.co/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
  defaultModel: "openai/gpt-oss-120b",
  quirks: [
    {
      lacks: [...OPENAI_OWN, ...NAMES, "choices", "parallel-tool-calls"],
      efforts: ["low", "medium", "high"],
    },
  ],
} satisfies Provider);
