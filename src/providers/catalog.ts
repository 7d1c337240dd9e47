import type { Provider } from "../model/provider.ts";
import { alibaba } from "./alibaba.ts";
import { anthropic } from "./anthropic.ts";
import { cerebras } from "./cerebras.ts";
import { deepseek } from "./deepseek.ts";
import { demo } from "./demo/demo.ts";
import { fireworks } from "./fireworks.ts";
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
import { vllm } from "./vllm.ts";
import { xai } from "./xai.ts";

/** Every provider that Gatehouse knows by name. A new one adds its file and its line here. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  [
    openai,
    anthropic,
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
