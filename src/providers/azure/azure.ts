import type { Provider } from "../../model/provider.ts";
import { RESPONSES } from "../compatible.ts";
import { AZURE, RESOURCE } from "./azure-openai.ts";

/**
 * Azure OpenAI, the v1 API: the model in the body is the name of a deployment
 * (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, "v1 API").
 */
export const azure: Provider = Object.freeze({
  ...AZURE,
  id: "azure",
  title: "Azure OpenAI",
  endpoints: [{ dialect: "openai-chat" }, RESPONSES, { dialect: "openai-embeddings" }],
  baseUrl: "https://{resource}.openai.azure.com/openai/v1",
  options: { resource: RESOURCE },
} satisfies Provider);
