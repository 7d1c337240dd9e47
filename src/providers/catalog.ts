import type { Provider } from "../model/provider.ts";
import { alibaba } from "./alibaba.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure/azure.ts";
import { azureDeployments } from "./azure/azure-deployments.ts";
import { bedrock } from "./bedrock/bedrock.ts";
import { cerebras } from "./cerebras.ts";
import { cohere } from "./cohere.ts";
import { deepseek } from "./deepseek.ts";
import { demo } from "./demo/demo.ts";
import { fireworks } from "./fireworks.ts";
import { google } from "./google.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { llamacpp } from "./llamacpp.ts";
import { lmstudio } from "./lmstudio.ts";
import { mistral } from "./mistral.ts";
import { moonshot } from "./moonshot.ts";
import { nvidia } from "./nvidia.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import { together } from "./together.ts";
import { vertex } from "./vertex/vertex.ts";
import { vllm } from "./vllm.ts";
import { xai } from "./xai.ts";

/** Every provider that Gatehouse knows by name. A new one adds its file and its line here. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [
    openai,
    anthropic,
    azure,
    azureDeployments,
    bedrock,
    vertex,
    cohere,
    google,
    groq,
    mistral,
    deepseek,
    xai,
    together,
    fireworks,
    openrouter,
    perplexity,
    cerebras,
    moonshot,
    alibaba,
    nvidia,
    huggingface,
    ollama,
    vllm,
    lmstudio,
    llamacpp,
    demo,
  ].map((provider) => [provider.id, provider]),
);
