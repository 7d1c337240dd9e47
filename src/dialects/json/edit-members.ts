import { isMemberName } from "./json-body.ts";
import { MEMBER_STRIDE, scanJsonStructure } from "./json-structure.ts";

/** Which top-level members are taken out of an object, and which put in (in place of those of the same name). */
export interface MemberEdits {
  readonly remove?: readonly string[];
  readonly set?: { readonly [name: string]: string };
}

/**
 * A JSON object with other top-level members; what stays keeps its very bytes. The text must be one valid object with no
 * name twice, as parseJsonBody and JSON.stringify give it.
 */
export function editMembers(bytes: Uint8Array, { remove = [], set = {} }: MemberEdits): Uint8Array {
  const members = scanJsonStructure(bytes);
  const gone = [...remove, ...Object.keys(set)];
  const pieces: Uint8Array[] = [];
  // What stands before a member: the opening brace, or the comma behind the one before it.
  let before = 0;
  let isFirst = true;
  for (let at = 0; at < members.length; at += MEMBER_STRIDE) {
    const [nameStart = 0, nameEnd = 0, , end = 0] = members.slice(at, at + MEMBER_STRIDE);
    const isGone = gone.some((name) => isMemberName(bytes, nameStart, nameEnd, name));
    if (at === 0) pieces.push(bytes.subarray(0, nameStart));
    if (!isGone) {
      pieces.push(bytes.subarray(isFirst ? nameStart : before, end));
      isFirst = false;
    }
    before = end;
  }
  if (members.length === 0) {
    before = bytes.indexOf(OPEN_BRACE) + 1;
    pieces.push(bytes.subarray(0, before));
  }
  for (const [name, value] of Object.entries(set)) {
    const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    pieces.push(encoder.encode(isFirst ? member : `,${member}`));
    isFirst = false;
  }
  return Buffer.concat([...pieces, bytes.subarray(before)]);
}

const OPEN_BRACE = 0x7b;
const encoder = new TextEncoder();
