import type { Endpoint, Provider } from "../../model/provider.ts";
import { RESPONSES } from "../compatible.ts";
import { AZURE, RESOURCE } from "./azure-openai.ts";

/** A path of the older API, in which the deployment and a dated version stand. */
function deployed(path: string): string {
  return `/deployments/{model}${path}?api-version={api_version}`;
}

const DEPLOYED: readonly Endpoint[] = [
  {
    dialect: "openai-chat",
    paths: { chat: { whole: deployed("/chat/completions") } },
    modelList: "/models?api-version={api_version}",
  },
  {
    ...RESPONSES,
    paths: { ...RESPONSES.paths, chat: { whole: "/responses?api-version={api_version}" } },
  },
  { dialect: "openai-embeddings", paths: { embedding: { whole: deployed("/embeddings") } } },
];

/**
 * Azure OpenAI, the older API: dated versions, and the deployment in the path
 * (https://learn.microsoft.com/azure/ai-foundry/openai/reference).
 */
export const azureDeployments: Provider = Object.freeze({
  ...AZURE,
  id: "azure-deployments",
  title: "Azure OpenAI (dated API versions)",
  endpoints: DEPLOYED,
  baseUrl: "https://{resource}.openai.azure.com/openai",
  options: {
    resource: RESOURCE,
    api_version: {
      description: "The version of the API, such as 2024-10-21",
      variables: ["OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"],
    },
  },
} satisfies Provider);
