import type OpenAI from "openai";
import { openaiClient, type Side } from "../../sdk/clients.ts";
import { type JudgingSdk, opened, PICTURE, QUESTION, SCHEMA, TOOL, type Told } from "./tasks.ts";

const messages = [{ role: "user" as const, content: QUESTION }];
const image = `data:image/png;base64,${PICTURE}`;

/** `openai`, chat completions, with its stream helper, its tool runner and its parser. */
export function openaiChatSdk(side: Side): JudgingSdk {
  const { completions } = openaiClient(side).chat;
  const told = ({ choices, usage }: OpenAI.ChatCompletion): Told => ({
    text: choices[0]?.message.content ?? "",
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
  });
  return {
    text: async (model) => told(await completions.create({ model, messages })),
    stream: async (model) => {
      const stream = completions.stream({ model, messages, stream_options: { include_usage: true } });
      return told(await stream.finalChatCompletion());
    },
    tools: async (model) => {
      const tool = {
        type: "function" as const,
        function: {
          ...TOOL,
          parameters: { ...TOOL.parameters, required: [...TOOL.parameters.required] },
          parse: JSON.parse,
          function: ({ gate }: { gate: string }) => opened(gate),
        },
      };
      return (await completions.runTools({ model, messages, tools: [tool] }).finalContent()) ?? "";
    },
    structured: async (model) => {
      const json_schema = { name: "person", schema: SCHEMA, strict: true };
      const answer = await completions.parse({
        model,
        messages,
        response_format: { type: "json_schema", json_schema },
      });
      return JSON.parse(answer.choices[0]?.message.content ?? "");
    },
    image: async (model) => {
      const content = [
        { type: "text" as const, text: QUESTION },
        { type: "image_url" as const, image_url: { url: image } },
      ];
      return told(await completions.create({ model, messages: [{ role: "user", content }] })).text;
    },
  };
}

/** `openai`, Responses, with its stream helper. */
export function openaiResponsesSdk(side: Side): JudgingSdk {
  const { responses } = openaiClient(side);
  const told = ({ output_text: text, usage }: OpenAI.Responses.Response): Told => ({
    text,
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
  });
  return {
    text: async (model) => told(await responses.create({ model, input: QUESTION })),
    stream: async (model) => told(await responses.stream({ model, input: QUESTION }).finalResponse()),
    tools: async (model) => {
      const tools = [{ type: "function" as const, strict: true, ...TOOL }];
      const first = await responses.create({ model, input: QUESTION, tools });
      const results = first.output.flatMap((item) =>
        item.type === "function_call"
          ? [
              {
                type: "function_call_output" as const,
                call_id: item.call_id,
                output: opened(JSON.parse(item.arguments).gate),
              },
            ]
          : [],
      );
      // What came is sent back as it came, which the types allow of most items.
      const came = first.output as readonly OpenAI.Responses.ResponseInputItem[];
      const input = [{ role: "user" as const, content: QUESTION }, ...came, ...results];
      return told(await responses.create({ model, input, tools })).text;
    },
    structured: async (model) => {
      const format = { type: "json_schema" as const, name: "person", schema: SCHEMA, strict: true };
      return JSON.parse((await responses.parse({ model, input: QUESTION, text: { format } })).output_text);
    },
    image: async (model) => {
      const content = [
        { type: "input_text" as const, text: QUESTION },
        { type: "input_image" as const, image_url: image, detail: "auto" as const },
      ];
      return told(await responses.create({ model, input: [{ role: "user", content }] })).text;
    },
  };
}
