import type { Provider } from "../model/provider.ts";

/** Cohere: https://docs.cohere.com/v2/reference/about, models: https://docs.cohere.com/v2/docs/models */
export const cohere: Provider = Object.freeze({
  id: "cohere",
  title: "Cohere",
  endpoints: [{ dialect: "cohere" }],
  baseUrl: "https://api.cohere.com/v2",
  authentication: { scheme: "bearer" },
  keyVariables: ["COHERE_API_KEY", "CO_API_KEY"],
  priceDataId: "cohere",
  defaultModel: "command-a-03-2025",
  quirks: [
    // Only some models think: https://docs.cohere.com/v2/docs/reasoning
    {
      models: ["command-r*", "command-a-03-2025", "command-a-vision*", "command-a-translate*", "c4ai-aya*"],
      lacks: ["reasoning-effort", "reasoning-budget"],
    },
    // Only some models see: https://docs.cohere.com/v2/docs/image-inputs
    {
      models: ["command-r*", "command-a-03-2025", "command-a-reasoning*", "command-a-translate*"],
      lacks: ["image-url", "image-base64"],
    },
    { models: ["embed-english*", "embed-multilingual*"], lacks: ["embedding-dimensions"] },
  ],
} satisfies Provider);
