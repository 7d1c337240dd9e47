import type { Conversation } from "../../model/conversation.ts";
import type { AnswerForm } from "../../model/dialect.ts";

/** How the answer must be read: which free-form tools of the client were told to the provider as functions. */
export function answerFormOf(asked: Conversation, told: Conversation, jsonTool?: string): AnswerForm {
  const kept = new Set(told.tools.flatMap((tool) => (tool.kind === "free-form" ? [tool.name] : [])));
  const freeFormTools = asked.tools.flatMap((tool) =>
    tool.kind === "free-form" && !kept.has(tool.name) ? [tool.name] : [],
  );
  return {
    ...(jsonTool !== undefined && { jsonTool }),
    ...(freeFormTools.length > 0 && { freeFormTools }),
  };
}
