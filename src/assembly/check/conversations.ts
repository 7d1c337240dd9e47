import type { ContentPart } from "../../model/content-part.ts";
import type { Conversation, Message } from "../../model/conversation.ts";
import type { InferenceResponse } from "../../model/inference-response.ts";

/** Room enough for a model that thinks before it says a word. */
export const OUTPUT_TOKENS = 1_024;

/** What a short question takes at most as input, its tools and system prompts of the vendor's own included. */
export const INPUT_TOKENS = 400;

/** A short question, bounded in what may be answered. */
export function short(
  content: string | readonly ContentPart[],
  rest: Partial<Conversation> = {},
): Conversation {
  const parts = typeof content === "string" ? [{ kind: "text", text: content } as const] : content;
  return conversation([{ role: "user", content: parts }], rest);
}

/** A conversation, bounded in what may be answered. */
export function conversation(messages: readonly Message[], rest: Partial<Conversation> = {}): Conversation {
  const { sampling, ...others } = rest;
  return {
    messages,
    tools: [],
    extensions: {},
    ...others,
    sampling: { maxOutputTokens: OUTPUT_TOKENS, ...sampling },
  };
}

/** What the model said, its thoughts left out. */
export function textOf({ choices }: InferenceResponse): string {
  const blocks = choices[0]?.blocks ?? [];
  return blocks.map((block) => (block.kind === "text" ? block.text : "")).join("");
}
