import type { ContentPart } from "../../../model/content-part.ts";
import type { ToolMessage } from "../../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { type JsonText, listText, objectText, valueText } from "../json-text.ts";
import { listOf, objectOf, textOf } from "../members.ts";
import { decodeMediaPart, encodeMediaPart } from "./media.ts";

/** What a tool gave, before it is known which call it answers. */
export interface FunctionResponse extends Pick<ToolMessage, "content" | "isError"> {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

/** Members that mean the whole result where they stand alone; `result` is what Google's SDKs write. */
const WHOLE_RESULTS = ["output", "result"];

/** Reads `functionResponse` (https://ai.google.dev/api/caching#FunctionResponse); undefined for a part without one. */
export function readFunctionResponse(part: JsonObject): FunctionResponse | undefined {
  const answer = objectOf(part, "functionResponse");
  if (answer === undefined) return undefined;
  const { text, isError } = readResponse(objectOf(answer, "response") ?? {});
  const media = listOf(answer, "parts")
    .filter(isJsonObject)
    .flatMap((one) => decodeMediaPart(one) ?? []);
  const said: readonly ContentPart[] = text === "" ? [] : [{ kind: "text", text }];
  return {
    id: textOf(answer, "id"),
    name: textOf(answer, "name"),
    content: [...said, ...media],
    ...(isError && { isError }),
  };
}

/** Writes what a tool gave: its text as `output` (or `error`), whatever else beside it. */
export function encodeFunctionResponse(
  { content, isError }: Pick<ToolMessage, "content" | "isError">,
  name: string,
  id: string | undefined,
): JsonText {
  const text = content.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n");
  const media = content.flatMap(encodeMedia);
  return objectText({
    functionResponse: objectText({
      id: valueText(id),
      name: JSON.stringify(name),
      response: JSON.stringify({ [isError === true ? "error" : "output"]: text }),
      parts: media.length === 0 ? undefined : listText(media),
    }),
  });
}

function encodeMedia(part: ContentPart): readonly JsonText[] {
  const isMedia =
    part.kind === "image" || part.kind === "audio" || part.kind === "video" || part.kind === "document";
  return isMedia ? [encodeMediaPart(part)] : [];
}

function readResponse(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const names = Object.keys(response);
  const [only = ""] = names;
  const value = response[only];
  const isError = names.length === 1 && only === "error" && value !== null;
  if (isError || (names.length === 1 && WHOLE_RESULTS.includes(only)))
    return { text: asText(value), isError };
  return { text: names.length === 0 ? "" : JSON.stringify(response), isError: false };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
