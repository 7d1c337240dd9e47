import type { ContentPart, OtherPart } from "../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

/** No block of Anthropic's is called so. */
const TYPE = "gatehouse_message_members";

/**
 * Members of a message with no canonical place (`clear_at`, `output_config`) as a part that only this dialect
 * understands: it reaches Anthropic again, and is reported as lost towards any other vendor.
 */
export function membersPart(members: JsonObject): OtherPart {
  return { kind: "other", dialect: "anthropic-messages", value: { type: TYPE, members } };
}

/** Takes such members out of a message's parts again. */
export function takeMembers(parts: readonly ContentPart[]): {
  readonly members: JsonObject;
  readonly rest: readonly ContentPart[];
} {
  const members = parts.map(membersOf).filter((found) => found !== undefined);
  if (members.length === 0) return { members: {}, rest: parts };
  const rest = parts.filter((part) => membersOf(part) === undefined);
  return { members: Object.fromEntries(members.flatMap((found) => Object.entries(found))), rest };
}

function membersOf(part: ContentPart): JsonObject | undefined {
  if (part.kind !== "other" || !isJsonObject(part.value) || part.value["type"] !== TYPE) return undefined;
  const { members } = part.value;
  return isJsonObject(members) ? members : undefined;
}
