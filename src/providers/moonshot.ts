import type { Provider } from "../model/provider.ts";
import { FROM_LAST_TURN_WITHOUT_THINKING, PARTIAL_MODE } from "./continuations.ts";
import { OPENAI_OWN, PENALTIES } from "./openai-own-features.ts";

/**
 * Moonshot AI: https://platform.moonshot.ai/docs/api/chat, errors: the end of that page. Kimi models fix their own
 * sampling; images come as bytes only. Accounts of mainland China: base_url https://api.moonshot.cn/v1.
 */
export const moonshot: Provider = Object.freeze({
  id: "moonshot",
  title: "Moonshot AI",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "https://api.moonshot.ai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["MOONSHOT_API_KEY"],
  priceDataId: "moonshotai",
  defaultModel: "kimi-k2.6",
  quirks: [
    {
      lacks: [...OPENAI_OWN, "image-url", "seed", "parallel-tool-calls"],
      has: ["cache-key", "video"],
      outputBound: "max_completion_tokens",
      endUserMember: "safety_identifier",
      ...PARTIAL_MODE,
      maxStopSequences: 5,
      maxTemperature: 1,
    },
    { models: ["kimi-*"], lacks: [...PENALTIES, "temperature", "top-p", "choices"] },
    { models: ["kimi-k2.5*", "kimi-k2.6*"], thinkingSwitch: "thinking", reasoningBy: "switch" },
    { models: ["kimi-k2.5*", "kimi-k2.6*"], continues: FROM_LAST_TURN_WITHOUT_THINKING },
    { models: ["kimi-k2.7*", "kimi-k3*", "kimi-*-thinking*"], continues: "no" },
    { models: ["kimi-k2.6*", "kimi-k2.7*"], toolChoices: ["auto", "none", "tool"] },
    { models: ["kimi-k3*"], efforts: ["low", "high", "max"] },
    { models: ["moonshot-v1*", "kimi-k2-*", "kimi-k2.7*"], lacks: ["reasoning-effort"] },
    { models: ["moonshot-v1*", "kimi-k2-*"], lacks: ["image-base64", "video"] },
    { models: ["moonshot-v1-*-vision*"], has: ["image-base64"] },
  ],
  errorClasses: { exceeded_current_quota_error: "quota", engine_overloaded_error: "overloaded" },
} satisfies Provider);
