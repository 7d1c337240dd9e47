import type { Provider } from "../model/provider.ts";
import { compatibleEndpoints } from "./compatible.ts";
import { FROM_LAST_TURN_OF_CHAT } from "./continuations.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * llama.cpp's server: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md. Its own LLAMA_API_KEY is
 * another vendor's too, so a key is taken from the configuration alone.
 */
export const llamacpp: Provider = Object.freeze({
  id: "llamacpp",
  title: "llama.cpp",
  endpoints: [...compatibleEndpoints("openai-chat"), { dialect: "anthropic-messages" }],
  baseUrl: "http://127.0.0.1:8080/v1",
  authentication: { scheme: "bearer" },
  keyVariables: [],
  addressVariables: ["LLAMACPP_BASE_URL"],
  free: true,
  quirks: [
    {
      lacks: [...OPENAI_OWN, ...NAMES, "strict-tools"],
      has: ["top-k", "audio"],
      toolChoices: ["auto", "none", "required"],
      efforts: ["low", "medium", "high"],
      // A last turn of the assistant's is gone on with (`--no-prefill-assistant` of the same README), but not thinking.
      continues: { ...FROM_LAST_TURN_OF_CHAT, members: { chat_template_kwargs: { enable_thinking: false } } },
    },
  ],
  errorClasses: { exceed_context_size_error: "context_too_long" },
} satisfies Provider);
