import type { ToolCallPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { FREE_FORM_ARGUMENT } from "../../translation/fit-tools.ts";
import { type JsonText, objectText, valueText } from "../json-text.ts";
import { either, objectOf, textOf } from "../members.ts";

/** What `functionCall` of a part says: a whole call, or a piece of one (`streamFunctionCallArguments`). */
export interface FunctionCall {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly args: JsonObject | undefined;
  readonly partialArgs: readonly unknown[];
  readonly willContinue: boolean;
}

/** Reads `functionCall` (https://ai.google.dev/api/caching#FunctionCall); undefined for a part without one. */
export function readFunctionCall(part: JsonObject): FunctionCall | undefined {
  const call = objectOf(part, "functionCall");
  if (call === undefined) return undefined;
  const partialArgs = either(call, "partialArgs");
  return {
    id: textOf(call, "id"),
    name: textOf(call, "name"),
    args: objectOf(call, "args"),
    partialArgs: Array.isArray(partialArgs) ? partialArgs : [],
    willContinue: either(call, "willContinue") === true,
  };
}

/** Writes a call; `signature` is the proof's text. Without an id where the server takes none. */
export function encodeFunctionCall(
  call: Pick<ToolCallPart, "name" | "arguments" | "freeForm"> & { readonly id?: string },
  signature: string | undefined,
): JsonText {
  return objectText({
    functionCall: objectText({
      id: valueText(call.id),
      name: JSON.stringify(call.name),
      args: argumentsText(call),
    }),
    thoughtSignature: valueText(signature),
  });
}

/**
 * The arguments as they came where they are an object, so that no number of theirs is rounded. What is none, since the
 * tool takes free text or the model broke off, becomes the one argument of an object.
 */
function argumentsText({
  arguments: text,
  freeForm,
}: Pick<ToolCallPart, "arguments" | "freeForm">): JsonText {
  if (freeForm !== true) {
    if (text.trim() === "") return "{}";
    if (isObjectText(text)) return text;
  }
  return JSON.stringify({ [FREE_FORM_ARGUMENT]: text });
}

function isObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}
