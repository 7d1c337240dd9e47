import Groq from "groq-sdk";
import type { Side } from "../../sdk/clients.ts";
import { type JudgingSdk, opened, PICTURE, QUESTION, SCHEMA, TOOL, type Told } from "./tasks.ts";

const asked = { role: "user" as const, content: QUESTION };

/** `groq-sdk`, which has no helpers: streams are put together here, as its users do. */
export function groqSdk({ url, key }: Side): JudgingSdk {
  const { completions } = new Groq({ apiKey: key, baseURL: url, maxRetries: 0 }).chat;
  const told = ({ choices, usage }: Groq.Chat.ChatCompletion): Told => ({
    text: choices[0]?.message.content ?? "",
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
  });
  return {
    text: async (model) => told(await completions.create({ model, messages: [asked] })),
    stream: async (model) => {
      let text = "";
      for await (const { choices } of await completions.create({ model, messages: [asked], stream: true }))
        text += choices[0]?.delta.content ?? "";
      // Without OpenAI's option, which it has no word for, its streams tell no usage.
      return { text, inputTokens: undefined, outputTokens: undefined };
    },
    tools: async (model) => {
      const tools = [{ type: "function" as const, function: TOOL }];
      const { choices } = await completions.create({ model, messages: [asked], tools });
      const message = choices[0]?.message;
      if (message === undefined) throw new Error("no message");
      const results = (message.tool_calls ?? []).map(({ id, function: called }) => ({
        role: "tool" as const,
        tool_call_id: id,
        content: opened(JSON.parse(called.arguments).gate),
      }));
      return told(await completions.create({ model, messages: [asked, message, ...results], tools })).text;
    },
    structured: async (model) => {
      const json_schema = { name: "person", schema: SCHEMA, strict: true };
      const response_format = { type: "json_schema" as const, json_schema };
      return JSON.parse(told(await completions.create({ model, messages: [asked], response_format })).text);
    },
    image: async (model) => {
      const content = [
        { type: "text" as const, text: QUESTION },
        { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PICTURE}` } },
      ];
      return told(await completions.create({ model, messages: [{ role: "user", content }] })).text;
    },
  };
}
