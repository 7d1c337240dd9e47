import type { ContentPart, OtherPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage, ToolMessage } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { encodeReasoningPart } from "./blocks/reasoning.ts";
import { encodeInputText } from "./blocks/text.ts";
import { encodeCallItem } from "./blocks/tool-call.ts";
import { encodeInput, encodeOutput } from "./content.ts";

/** The messages as items, in their order: reasoning stands before what it led to, as OpenAI demands. */
export function encodeMessages(messages: readonly Message[], quirks: Quirks): readonly JsonObject[] {
  const freeForm = freeFormCalls(messages);
  const items: JsonObject[] = [];
  for (const message of messages) {
    if (message.role === "tool") items.push(encodeResult(message, freeForm));
    else if (message.role === "assistant") items.push(...encodeTurn(message.content, items.length));
    else items.push(...encodeSpoken(message, quirks));
  }
  return items;
}

function freeFormCalls(messages: readonly Message[]): ReadonlySet<string> {
  const calls = messages.flatMap(({ content }) => content).filter((part) => part.kind === "tool-call");
  return new Set(calls.filter((call) => call.freeForm === true).map((call) => call.id));
}

function encodeSpoken({ role, content }: SpokenMessage, quirks: Quirks): readonly JsonObject[] {
  const isInstruction = role === "system" || role === "developer";
  const said = isInstruction ? (quirks.instructionRole ?? role) : role;
  return inRuns(content, (parts) => ({ type: "message", role: said, content: encodeInput(parts) }));
}

/** Of one turn of the model. What it said between its calls stands in messages of its own. */
function encodeTurn(content: readonly ContentPart[], from: number): readonly JsonObject[] {
  const items: JsonObject[] = [];
  let said: ContentPart[] = [];
  const endSaid = (): void => {
    items.push(
      ...inRuns(said, (parts) => ({ type: "message", role: "assistant", content: encodeOutput(parts) })),
    );
    said = [];
  };
  for (const part of content) {
    if (part.kind !== "reasoning" && part.kind !== "tool-call") {
      said.push(part);
      continue;
    }
    endSaid();
    items.push(
      part.kind === "tool-call" ? encodeCallItem(part) : encodeReasoningPart(part, from + items.length),
    );
  }
  endSaid();
  return items;
}

/** Items that only this dialect has a word for stand between the messages that the other parts make. */
function inRuns(
  parts: readonly ContentPart[],
  asMessage: (run: readonly ContentPart[]) => JsonObject,
): readonly JsonObject[] {
  const items: JsonObject[] = [];
  let run: ContentPart[] = [];
  const endRun = (): void => {
    if (run.length > 0) items.push(asMessage(run));
    run = [];
  };
  for (const part of parts) {
    if (part.kind !== "other") {
      run.push(part);
      continue;
    }
    endRun();
    items.push(...itemOf(part));
  }
  endRun();
  return items;
}

function itemOf({ value }: OtherPart): readonly JsonObject[] {
  return isJsonObject(value) ? [value] : [];
}

function encodeResult({ toolCallId, content }: ToolMessage, freeForm: ReadonlySet<string>): JsonObject {
  const type = freeForm.has(toolCallId) ? "custom_tool_call_output" : "function_call_output";
  return { type, call_id: toolCallId, output: encodeOutputOfTool(content) };
}

/** Parts that only this dialect has a word for stand in the result as they came. */
function encodeOutputOfTool(content: readonly ContentPart[]): unknown {
  if (content.length === 0) return "";
  if (!content.some(({ kind }) => kind === "other")) return encodeInput(content);
  return content.flatMap((part) =>
    part.kind === "other" ? [part.value] : [encodeInput([part])].flatMap(asParts),
  );
}

function asParts(encoded: ReturnType<typeof encodeInput>): readonly JsonObject[] {
  return typeof encoded === "string" ? [encodeInputText(encoded)] : encoded;
}
