import type { GenerateContentResponse } from "@google/genai";
import type { Side } from "../../sdk/clients.ts";
import { googleClient } from "../../sdk/google-clients.ts";
import { type JudgingSdk, opened, PICTURE, QUESTION, SCHEMA, TOOL, type Told } from "./tasks.ts";

/** `@google/genai`, with its automatic calling of functions. */
export function googleSdk(side: Side): JudgingSdk {
  const { models } = googleClient(side);
  return {
    text: async (model) => told(await models.generateContent({ model, contents: QUESTION })),
    stream: async (model) => {
      let text = "";
      let last: GenerateContentResponse | undefined;
      for await (const chunk of await models.generateContentStream({ model, contents: QUESTION })) {
        text += chunk.text ?? "";
        last = chunk;
      }
      return { ...told(last), text };
    },
    tools: async (model) => {
      const { name, description, parameters: parametersJsonSchema } = TOOL;
      const tool = {
        tool: async () => ({ functionDeclarations: [{ name, description, parametersJsonSchema }] }),
        callTool: async (calls: readonly { id?: string; name?: string; args?: Record<string, unknown> }[]) =>
          calls.map(({ id, name: called, args }) => ({
            functionResponse: {
              ...(id && { id }),
              name: called ?? "",
              response: { output: opened(args?.["gate"]) },
            },
          })),
      };
      return told(await models.generateContent({ model, contents: QUESTION, config: { tools: [tool] } }))
        .text;
    },
    structured: async (model) => {
      const config = { responseMimeType: "application/json", responseJsonSchema: SCHEMA };
      return JSON.parse(told(await models.generateContent({ model, contents: QUESTION, config })).text);
    },
    image: async (model) => {
      const parts = [{ text: QUESTION }, { inlineData: { mimeType: "image/png", data: PICTURE } }];
      return told(await models.generateContent({ model, contents: [{ role: "user", parts }] })).text;
    },
  };
}

function told(answer: GenerateContentResponse | undefined): Told {
  const usage = answer?.usageMetadata;
  return {
    text: answer?.text ?? "",
    inputTokens: usage?.promptTokenCount,
    outputTokens: usage && (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  };
}
