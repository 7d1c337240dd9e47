import type { Provider } from "../model/provider.ts";
import { azure, azureDeployments } from "./azure.ts";
import { bedrock } from "./bedrock/bedrock.ts";
import { cohere } from "./cohere.ts";
import { demo } from "./demo/demo.ts";
import { groq } from "./groq.ts";
import { openai } from "./openai.ts";
import { vertex } from "./vertex.ts";

/** Every provider that Gatehouse knows by name. A new one adds its file and its line here. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [openai, groq, azure, azureDeployments, bedrock, vertex, cohere, demo].map((provider) => [
    provider.id,
    provider,
  ]),
);
