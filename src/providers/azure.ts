import type { Endpoint, Provider } from "../model/provider.ts";

/** What Azure's two APIs have in common. Its codes: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/ */
const COMMON = {
  authentication: {
    scheme: "entra",
    scope: "https://cognitiveservices.azure.com/.default",
    key: { scheme: "header", name: "api-key" },
  },
  keyVariables: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
  priceDataId: "azure",
  quirks: [{ outputBound: "max_completion_tokens" }],
  errorClasses: {
    content_filter: "content_filter",
    ResponsibleAIPolicyViolation: "content_filter",
    context_length_exceeded: "context_too_long",
    insufficient_quota: "quota",
    QuotaExceeded: "quota",
    RateLimitReached: "rate_limit",
    NoCapacity: "overloaded",
    DeploymentNotFound: "caller",
    // The resource is fine, and the deployment not ready yet.
    DeploymentNotReady: "overloaded",
  },
} as const satisfies Partial<Provider>;

const RESOURCE = {
  description: "The name of the Azure OpenAI resource, the first part of its address",
  variables: ["AZURE_OPENAI_RESOURCE_NAME", "AZURE_RESOURCE_NAME"],
};

/**
 * Azure OpenAI, the v1 API: the model in the body is the name of a deployment
 * (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, "v1 API").
 */
export const azure: Provider = Object.freeze({
  ...COMMON,
  id: "azure",
  title: "Azure OpenAI",
  endpoints: [{ dialect: "openai-chat" }, { dialect: "openai-responses" }, { dialect: "openai-embeddings" }],
  baseUrl: "https://{resource}.openai.azure.com/openai/v1",
  options: { resource: RESOURCE },
} satisfies Provider);

/** A path of the older API, in which the deployment and a dated version stand. */
function deployed(path: string): string {
  return `/deployments/{model}${path}?api-version={api_version}`;
}

const DEPLOYED: readonly Endpoint[] = [
  { dialect: "openai-chat", paths: { chat: { whole: deployed("/chat/completions") } } },
  { dialect: "openai-responses", paths: { chat: { whole: "/responses?api-version={api_version}" } } },
  { dialect: "openai-embeddings", paths: { embedding: { whole: deployed("/embeddings") } } },
];

/**
 * Azure OpenAI, the older API: dated versions, and the deployment in the path
 * (https://learn.microsoft.com/azure/ai-foundry/openai/reference).
 */
export const azureDeployments: Provider = Object.freeze({
  ...COMMON,
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
