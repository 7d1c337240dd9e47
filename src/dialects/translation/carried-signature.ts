import { isJsonObject } from "../../model/json.ts";
import type { Signature } from "../../model/signature.ts";
import type { Vendor } from "../../model/vendor.ts";
import { find } from "../stream/find.ts";

/** What no vendor's own signature begins with: theirs are base64. */
const MARK = "gatehouse:";
const VENDORS: readonly Vendor[] = ["anthropic", "google", "openai"];

/**
 * A signature as text for the one place that a client's dialect has for it. The dialect's own vendor's goes as it is;
 * another's is wrapped, so that it comes back with the next turn and is known for what it is.
 */
export function carrySignature(signature: Signature, home: Vendor | undefined): string {
  const { vendor, value, redacted, id } = signature;
  if (vendor === home) return value;
  const rest = { value, ...(redacted === true && { redacted }), ...(id !== undefined && { id }) };
  return `${MARK}${vendor}:${Buffer.from(JSON.stringify(rest)).toString("base64url")}`;
}

/** The inverse. What carries no mark is the dialect's own vendor's; undefined where it has none, or it is broken. */
export function carriedSignature(text: string, home: Vendor | undefined): Signature | undefined {
  if (!text.startsWith(MARK)) return home === undefined ? undefined : { vendor: home, value: text };
  const [name = "", packed = ""] = text.slice(MARK.length).split(":");
  const vendor = VENDORS.find((known) => known === name);
  const rest = vendor && unpack(packed);
  if (vendor === undefined || rest === undefined) return undefined;
  return { vendor, ...rest };
}

function unpack(packed: string): Omit<Signature, "vendor"> | undefined {
  try {
    const rest: unknown = JSON.parse(Buffer.from(packed, "base64url").toString());
    if (!isJsonObject(rest)) return undefined;
    const { value, redacted, id } = rest;
    if (typeof value !== "string") return undefined;
    return { value, ...(redacted === true && { redacted }), ...(typeof id === "string" && { id }) };
  } catch {
    // The text is the client's: whatever is broken in it is no signature.
    return undefined;
  }
}

const MARKS = VENDORS.map((vendor) => Buffer.from(`${MARK}${vendor}:`));

/** Whether a request's bytes hold a wrapped signature, which every vendor would refuse, so that they can't go on. */
export function holdsCarriedSignature(bytes: Uint8Array): boolean {
  return MARKS.some((mark) => find(bytes, mark, 0) !== -1);
}
