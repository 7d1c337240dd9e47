import type { Provider } from "../../src/model/provider.ts";
import { OPENAI_OWN } from "../../src/providers/openai-own-features.ts";

/** Acme: https://docs.acme.example/api/chat, errors: /api/errors. Unknown members are refused with 422. */
export const acme: Provider = Object.freeze({
  id: "acme",
  title: "Acme",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "https://api.acme.example/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["ACME_API_KEY"],
  defaultModel: "acme-large",
  quirks: [
    {
      lacks: [...OPENAI_OWN, "log-probabilities"],
      has: ["top-k"],
      seedMember: "random_seed",
      maxTemperature: 1,
    },
    { models: ["acme-small*"], lacks: ["image-url", "image-base64"], efforts: ["low", "high"] },
  ],
  errorClasses: { acme_busy: "overloaded" },
} satisfies Provider);
