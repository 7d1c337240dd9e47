import type { ProviderOption } from "../../model/provider.ts";

/** Whose project is charged, and where its requests are answered. */
export const VERTEX_OPTIONS: { readonly [name: string]: ProviderOption } = {
  project: {
    description: "The id of the Google Cloud project",
    variables: [
      "GOOGLE_VERTEX_PROJECT",
      "GOOGLE_CLOUD_PROJECT",
      "ANTHROPIC_VERTEX_PROJECT_ID",
      "VERTEXAI_PROJECT",
    ],
  },
  location: {
    description: "The region, such as europe-west4; `us` or `eu` for any within; `global` for any at all",
    variables: ["GOOGLE_VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION", "VERTEXAI_LOCATION"],
    usual: "global",
    // https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
    gives: {
      host: [
        ["global", "aiplatform.googleapis.com"],
        ["us", "aiplatform.us.rep.googleapis.com"],
        ["eu", "aiplatform.eu.rep.googleapis.com"],
        ["*", "{value}-aiplatform.googleapis.com"],
      ],
    },
  },
};
