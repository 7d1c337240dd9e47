import { isIP } from "node:net";

/** An address's bytes, 4 or 16 of them; undefined for a text that is no address in its usual form (RFC 4291, 2.2). */
export function parseAddress(text: string): Uint8Array | undefined {
  // A zone says by which interface; it belongs to no address (RFC 4007, 11).
  const [address = ""] = text.split("%");
  switch (isIP(address)) {
    case 4:
      return Uint8Array.from(address.split("."), Number);
    case 6:
      return parseGroups(address);
    default:
      return undefined;
  }
}

const GROUPS = 8;

function parseGroups(address: string): Uint8Array {
  const [before = "", after] = address.split("::");
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const zeros = new Array<number>(GROUPS - head.length - tail.length).fill(0);
  return Uint8Array.from([...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]));
}

/** The last group may be an IPv4 address, which makes two. */
function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
