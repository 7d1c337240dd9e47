import type { ContentPart } from "../../../model/content-part.ts";
import type { Conversation, Message } from "../../../model/conversation.ts";
import type { Block, InferenceResponse } from "../../../model/inference-response.ts";
import { isJsonObject } from "../../../model/json.ts";
import type { FunctionTool } from "../../../model/tool.ts";
import type { CheckAnswer } from "../check-client.ts";
import { conversation, INPUT_TOKENS, OUTPUT_TOKENS, textOf } from "../conversations.ts";
import { type Finding, failed, type Probe, type ProbeContext } from "../probe.ts";

const WEATHER: FunctionTool = {
  kind: "function",
  name: "get_weather",
  description: "Gives the weather of a city at this moment.",
  parameters: {
    type: "object",
    properties: { city: { type: "string", description: "The city's name" } },
    required: ["city"],
    additionalProperties: false,
  },
};

const ASKED: Message = {
  role: "user",
  content: [{ kind: "text", text: "What is the weather in Paris right now? Use the tool." }],
};

const QUESTION = conversation([ASKED], { tools: [WEATHER] });

/** Not every model may be forced while it thinks, so it is only where it doesn't call by itself. */
const FORCED = conversation([ASKED], { tools: [WEATHER], toolChoice: { kind: "required" } });

/** A tool is called with arguments that fit, and what it gave is answered to. */
export const tools: Probe = {
  name: "tools",
  features: ["tools"],
  question: QUESTION,
  bound: () => ({ input: 4 * INPUT_TOKENS, output: 3 * OUTPUT_TOKENS }),
  async run(context: ProbeContext): Promise<Finding> {
    const { failure, answer } = await called(context);
    if (failure !== undefined) return failed(failure, ["tools"]);
    const call = callIn(answer);
    if (call === undefined) return without("the model was told to call a tool and did not");
    if (call.name !== WEATHER.name || !fits(call.text))
      return without(`the call is broken: ${call.name}(${call.text.slice(0, 80)})`);
    const { failure: second, answer: last } = await context.ask(
      followUp(answer.choices[0]?.blocks ?? [], call.id),
    );
    if (second !== undefined) return failed(second, ["tools"]);
    return textOf(last) === ""
      ? without("the tool's result is not answered to")
      : { status: "pass", said: "called with arguments that fit; its result answered to" };
  },
};

async function called(context: ProbeContext): Promise<CheckAnswer> {
  const answered = await context.ask(QUESTION);
  const isAnswer = answered.failure === undefined && callIn(answered.answer) === undefined;
  return isAnswer ? context.ask(FORCED) : answered;
}

function callIn({ choices }: InferenceResponse): Extract<Block, { kind: "tool-call" }> | undefined {
  return choices[0]?.blocks.find((block) => block.kind === "tool-call");
}

function without(said: string): Finding {
  return { status: "fail", said, lacks: ["tools"] };
}

function fits(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) && typeof parsed["city"] === "string";
  } catch {
    return false;
  }
}

/** The turn as the model said it, its thoughts included: some vendors refuse it without. */
function followUp(blocks: readonly Block[], id: string): Conversation {
  const content = blocks.flatMap(partOf);
  const results = content.flatMap((part): readonly Message[] => {
    if (part.kind !== "tool-call") return [];
    const text = part.id === id ? "18 degrees, sunny" : "no data";
    return [{ role: "tool", toolCallId: part.id, toolName: part.name, content: [{ kind: "text", text }] }];
  });
  return conversation([ASKED, { role: "assistant", content }, ...results], { tools: [WEATHER] });
}

function partOf(block: Block): readonly ContentPart[] {
  const signature = block.signature === undefined ? {} : { signature: block.signature };
  switch (block.kind) {
    case "reasoning":
      return [{ kind: "reasoning", text: block.text, ...signature }];
    case "tool-call":
      return [{ kind: "tool-call", id: block.id, name: block.name, arguments: block.text, ...signature }];
    default:
      return [];
  }
}
