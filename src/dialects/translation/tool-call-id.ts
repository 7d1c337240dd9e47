import { createHash } from "node:crypto";
import type { Quirks } from "../../model/quirks.ts";

/** Mistral: "must be a-z, A-Z, 0-9, with a length of 9". */
const NINE = /^[A-Za-z0-9]{9}$/;

/**
 * The id of a tool call in a form that a provider takes: its own ids come back unchanged, another's become the same new
 * one each time, so that call and result still belong together. `usual` are the ids that the dialect takes.
 */
export function fitToolCallId(id: string, usual: RegExp, { toolCallIds }: Quirks): string {
  if (toolCallIds === "nine-characters") return NINE.test(id) ? id : digest(id).slice(0, 9);
  return usual.test(id) ? id : `call_${digest(id).slice(0, 24)}`;
}

function digest(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
