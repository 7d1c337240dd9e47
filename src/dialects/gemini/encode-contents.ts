import type { ContentPart, ToolCallPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage, ToolMessage } from "../../model/conversation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";
import { encodeFunctionCall } from "./blocks/function-call.ts";
import { encodeFunctionResponse } from "./blocks/function-response.ts";
import { signatureText, UNSIGNED_CALL } from "./blocks/signature.ts";
import { encodePart } from "./content.ts";
import { type JsonText, listText, objectText } from "./json-text.ts";

/** The messages in Google's words; a list is JSON already. */
export interface EncodedMessages {
  readonly systemInstruction: JsonText | undefined;
  readonly contents: JsonText;
}

/**
 * Messages as `contents` and `systemInstruction`. Instructions have one place, before all turns: later ones are said in
 * the user's name. The results of one turn's calls stand together, as Google wants them.
 */
export function encodeMessages(
  messages: readonly Message[],
  quirks: Quirks,
  losses: Losses,
): EncodedMessages {
  const first = messages.findIndex((message) => !isInstruction(message));
  const turns = first === -1 ? [] : messages.slice(first);
  const instructions = messages.slice(0, messages.length - turns.length).flatMap(partsOfSpoken);
  const asUser = quirks.instructionRole === "user" || turns.length === 0;
  const contents = [
    ...(asUser && instructions.length > 0 ? [contentText("user", instructions)] : []),
    ...new TurnEncoder(quirks, losses).encode(turns),
  ];
  const hasPlace = !asUser && instructions.length > 0;
  return {
    systemInstruction: hasPlace ? objectText({ parts: listText(instructions) }) : undefined,
    contents: listText(contents),
  };
}

function isInstruction(message: Message): boolean {
  return message.role === "system" || message.role === "developer";
}

/** Writes turn by turn, remembering the calls that results answer. */
class TurnEncoder {
  readonly #quirks: Quirks;
  readonly #losses: Losses;
  readonly #calls = new Map<string, { readonly name: string; readonly order: number }>();
  #results: ToolMessage[] = [];
  #contents: JsonText[] = [];

  constructor(quirks: Quirks, losses: Losses) {
    this.#quirks = quirks;
    this.#losses = losses;
  }

  encode(messages: readonly Message[]): readonly JsonText[] {
    for (const message of messages) {
      if (message.role === "tool") this.#results.push(message);
      else {
        this.#endResults();
        this.#say(message);
      }
    }
    this.#endResults();
    return this.#contents;
  }

  #say(message: SpokenMessage): void {
    const isModel = message.role === "assistant";
    if (isInstruction(message)) this.#losses.add("late-system-message", "said in the user's name");
    const parts = isModel ? this.#modelParts(message.content) : partsOfSpoken(message);
    if (parts.length > 0) this.#contents.push(contentText(isModel ? "model" : "user", parts));
  }

  #modelParts(content: readonly ContentPart[]): readonly JsonText[] {
    const firstCall = content.find((part) => part.kind === "tool-call");
    return content.flatMap((part) => {
      if (part.kind === "tool-call") return [this.#call(part, part === firstCall)];
      return encodePart(part) ?? [];
    });
  }

  /** Google signs the first call of a turn only, and some of its models refuse a turn whose first call has no proof. */
  #call(call: ToolCallPart, isFirst: boolean): JsonText {
    this.#calls.set(call.id, { name: call.name, order: this.#calls.size });
    const { id: _id, signature, ...rest } = call;
    const isMissing = signature === undefined && isFirst && this.#quirks.unsignedCalls === "refused";
    const proof = signature === undefined ? undefined : signatureText(signature);
    const named = this.#quirks.toolCallIds === "none" ? rest : { ...rest, id: call.id };
    return encodeFunctionCall(named, isMissing ? UNSIGNED_CALL : proof);
  }

  /** In the order of their calls, which is all that tells them apart where ids are not taken. */
  #endResults(): void {
    if (this.#results.length === 0) return;
    const orderOf = ({ toolCallId }: ToolMessage): number =>
      this.#calls.get(toolCallId)?.order ?? this.#calls.size;
    const results = this.#results.toSorted((one, other) => orderOf(one) - orderOf(other));
    this.#results = [];
    this.#contents.push(
      contentText(
        "user",
        results.map((result) => this.#result(result)),
      ),
    );
  }

  #result(result: ToolMessage): JsonText {
    const { toolCallId, toolName } = result;
    const name = toolName ?? this.#calls.get(toolCallId)?.name ?? toolCallId;
    return encodeFunctionResponse(result, name, this.#quirks.toolCallIds === "none" ? undefined : toolCallId);
  }
}

function partsOfSpoken(message: Message): readonly JsonText[] {
  return message.content.flatMap((part) => encodePart(part) ?? []);
}

function contentText(role: "user" | "model", parts: readonly JsonText[]): JsonText {
  return objectText({ role: JSON.stringify(role), parts: listText(parts) });
}
