import type { Provider } from "../model/provider.ts";
import { compatibleEndpoints } from "./compatible.ts";
import { FROM_FINAL_MESSAGE } from "./continuations.ts";
import { OPENAI_OWN } from "./openai-own-features.ts";

/** vLLM: https://docs.vllm.ai/en/latest/serving/online_serving/. `VLLM_API_KEY` is its own variable. */
export const vllm: Provider = Object.freeze({
  id: "vllm",
  title: "vLLM",
  endpoints: [...compatibleEndpoints("openai-chat"), { dialect: "anthropic-messages" }],
  baseUrl: "http://127.0.0.1:8000/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["VLLM_API_KEY"],
  addressVariables: ["VLLM_BASE_URL", "VLLM_API_BASE"],
  free: true,
  quirks: [
    {
      // `parallel_tool_calls` and `user` are taken and ignored.
      lacks: [...OPENAI_OWN, "parallel-tool-calls", "end-user"],
      has: ["top-k", "audio", "video"],
      reasoningHistory: "reasoning",
      efforts: ["low", "medium", "high"],
      continues: FROM_FINAL_MESSAGE,
    },
  ],
} satisfies Provider);
