import type Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import { anthropicClient } from "../../sdk/anthropic-pair.ts";
import type { Side } from "../../sdk/clients.ts";
import { type JudgingSdk, opened, PICTURE, QUESTION, SCHEMA, TOOL, type Told } from "./tasks.ts";

/** `@anthropic-ai/sdk`, with its stream helper, its tool runner and its parser. */
export function anthropicSdk(side: Side): JudgingSdk {
  const client = anthropicClient(side);
  const asked = (model: string) => ({
    model,
    max_tokens: 500,
    messages: [{ role: "user" as const, content: QUESTION }],
  });
  return {
    text: async (model) => told(await client.messages.create(asked(model))),
    stream: async (model) => told(await client.messages.stream(asked(model)).finalMessage()),
    tools: async (model) => {
      const tool = betaTool({
        name: TOOL.name,
        description: TOOL.description,
        inputSchema: TOOL.parameters,
        run: ({ gate }) => opened(gate),
      });
      const { content } = await client.beta.messages.toolRunner({ ...asked(model), tools: [tool] });
      return content.map((block) => (block.type === "text" ? block.text : "")).join("");
    },
    structured: async (model) => {
      const format = jsonSchemaOutputFormat(SCHEMA);
      const { parsed_output } = await client.messages.parse({ ...asked(model), output_config: { format } });
      return parsed_output;
    },
    image: async (model) => {
      const source = { type: "base64" as const, media_type: "image/png" as const, data: PICTURE };
      const content = [
        { type: "text" as const, text: QUESTION },
        { type: "image" as const, source },
      ];
      return told(await client.messages.create({ ...asked(model), messages: [{ role: "user", content }] }))
        .text;
    },
  };
}

function told({ content, usage }: Anthropic.Message): Told {
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
  };
}
