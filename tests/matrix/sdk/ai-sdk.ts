import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, isStepCount, jsonSchema, type LanguageModel, Output, streamText, tool } from "ai";
import type { Side } from "../../sdk/clients.ts";
import { type JudgingSdk, opened, PICTURE, QUESTION, SCHEMA, TOOL, type Told } from "./tasks.ts";

type ModelOf = (model: string) => LanguageModel;

/** What one of its providers needs beside the model. */
interface Circumstances {
  readonly options?: NonNullable<Parameters<typeof generateText>[0]["providerOptions"]>;
  readonly jsonTool?: string;
}

/** The AI SDK over one of its providers. */
function aiSdk(modelOf: ModelOf, { options, jsonTool }: Circumstances = {}): JudgingSdk {
  const told = (
    text: string,
    usage: { inputTokens?: number | undefined; outputTokens?: number | undefined },
  ): Told => ({
    text,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  });
  const asked = (model: string) => ({
    model: modelOf(model),
    prompt: QUESTION,
    maxRetries: 0,
    ...(options && { providerOptions: options }),
  });
  return {
    ...(jsonTool !== undefined && { jsonTool }),
    text: async (model) => {
      const { text, usage } = await generateText(asked(model));
      return told(text, usage);
    },
    stream: async (model) => {
      const result = streamText(asked(model));
      let text = "";
      for await (const part of result.textStream) text += part;
      return told(text, await result.usage);
    },
    tools: async (model) => {
      const open_gate = tool({
        description: TOOL.description,
        inputSchema: jsonSchema<{ gate: string }>(
          TOOL.parameters as unknown as Parameters<typeof jsonSchema>[0],
        ),
        execute: ({ gate }) => opened(gate),
      });
      const { text } = await generateText({
        ...asked(model),
        tools: { open_gate },
        stopWhen: isStepCount(3),
      });
      return text;
    },
    structured: async (model) => {
      const schema = jsonSchema(SCHEMA as unknown as Parameters<typeof jsonSchema>[0]);
      const { output } = await generateText({ ...asked(model), output: Output.object({ schema }) });
      return output;
    },
    image: async (model) => {
      const { prompt: _prompt, ...rest } = asked(model);
      const content = [
        { type: "text" as const, text: QUESTION },
        { type: "file" as const, data: PICTURE, mediaType: "image/png" },
      ];
      return (await generateText({ ...rest, messages: [{ role: "user", content }] })).text;
    },
  };
}

/** Unless told that nothing is stored it sends the ids of earlier items in place of the items. */
export const aiOpenAIResponses = ({ url, key }: Side): JudgingSdk => {
  const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  return aiSdk((model) => provider.responses(model), { options: { openai: { store: false } } });
};

export const aiOpenAIChat = ({ url, key }: Side): JudgingSdk => {
  const provider = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  return aiSdk((model) => provider.chat(model));
};

/** Of models whose names it doesn't know it asks for JSON by a tool of its own. */
export const aiAnthropic = ({ url, key }: Side): JudgingSdk => {
  const provider = createAnthropic({ baseURL: `${url}/v1`, apiKey: key });
  return aiSdk((model) => provider(model), { jsonTool: "json" });
};

/** It takes a name with a slash for a whole path. */
export const aiGoogle = ({ url, key }: Side): JudgingSdk => {
  const provider = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: key });
  return aiSdk((model) => provider(`models/${model}`));
};
