import type { Provider } from "../../model/provider.ts";
import { RESPONSES } from "../compatible.ts";
import { NOT_REASONING, REASONING } from "../openai-quirks.ts";
import { AZURE, RESOURCE } from "./azure-openai.ts";

/**
 * Azure OpenAI, the v1 API: the model in the body is the name of a deployment
 * (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, "v1 API").
 */
export const azure: Provider = Object.freeze({
  ...AZURE,
  id: "azure",
  title: "Azure OpenAI",
  // As with OpenAI itself, a model that thinks is asked by Responses (src/providers/openai-endpoints.ts).
  endpoints: [
    { ...RESPONSES, models: REASONING, exceptModels: NOT_REASONING },
    { dialect: "openai-chat" },
    { ...RESPONSES, exceptModels: REASONING },
    { ...RESPONSES, models: NOT_REASONING },
    { dialect: "openai-embeddings" },
  ],
  baseUrl: "https://{resource}.openai.azure.com/openai/v1",
  options: { resource: RESOURCE },
} satisfies Provider);
