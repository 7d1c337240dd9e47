import { isJsonObject } from "../../../model/json.ts";

/** The text of one of `documents`: a string, or an object with a `text`. Undefined for a document of another kind. */
export function documentText(document: unknown): string | undefined {
  const text = isJsonObject(document) ? document["text"] : document;
  return typeof text === "string" ? text : undefined;
}
