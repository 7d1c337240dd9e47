import type { Untranslatable } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

const WHOLE = "Send the whole conversation in `input`, with `store: false`";
const KEPT = `${WHOLE} and \`reasoning.encrypted_content\` in \`include\`, so that nothing need be kept.`;

/** Members that refer to what the provider keeps, and how to do without. */
const MEMBERS: readonly { readonly member: string; readonly mend: string }[] = [
  { member: "previous_response_id", mend: KEPT },
  { member: "conversation", mend: KEPT },
  { member: "prompt", mend: "Send the prompt's own text in `instructions` and `input`." },
];

/** Items of the input that mean something to the provider alone that gave them. */
const ITEMS: ReadonlySet<unknown> = new Set(["item_reference", "compaction"]);

/**
 * What of a request lives in its provider's memory (https://platform.openai.com/docs/guides/conversation-state): the
 * first such member, where there is one.
 */
export function providerState(body: JsonObject): Untranslatable | undefined {
  for (const { member, mend } of MEMBERS) {
    const value = body[member];
    if (value !== undefined && value !== null && value !== false) return untranslatable(member, mend);
  }
  const { input } = body;
  const at = Array.isArray(input) ? input.findIndex(isKept) : -1;
  return at === -1 ? undefined : untranslatable(`input[${at}]`, KEPT);
}

function untranslatable(field: string, mend: string): Untranslatable {
  const message = `\`${field}\` refers to what another provider keeps, and the provider of this model has nothing of it.`;
  return { dialect: "openai-responses", field, message, mend };
}

/** A reference may stand without its type: then it is an item that is nothing but an id. */
function isKept(item: unknown): boolean {
  if (!isJsonObject(item)) return false;
  const { type, role, id } = item;
  return ITEMS.has(type) || ((type === undefined || type === null) && role === undefined && id !== undefined);
}
