import type { Provider } from "../../model/provider.ts";

/** What Azure's two APIs have in common. Its codes: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/ */
export const AZURE = {
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

/** Which resource is asked. */
export const RESOURCE = {
  description: "The name of the Azure OpenAI resource, the first part of its address",
  variables: ["AZURE_OPENAI_RESOURCE_NAME", "AZURE_RESOURCE_NAME"],
};
