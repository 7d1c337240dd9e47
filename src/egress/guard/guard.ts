import type { Reach } from "../../model/reach.ts";
import { type AddressKind, addressKind } from "./address-kind.ts";
import { isOwnNetworkName } from "./host-name.ts";

/** What each reach takes in. Metadata services are in none but the last: they answer with credentials. */
const WITHIN: { readonly [R in Reach]: readonly AddressKind[] } = Object.freeze({
  public: ["public"],
  "own-network": ["public", "loopback", "private"],
  anywhere: ["public", "loopback", "private", "link-local", "metadata", "reserved"],
});

/**
 * Whether a connection may be made to an address, which is what a name was resolved to. Asked anew for each connection,
 * and the connection goes to the very address that was judged, so that a name which changes its mind gains nothing.
 */
export function mayConnect(address: string, { reach }: { readonly reach: Reach }): boolean {
  const kind = addressKind(address);
  return kind !== undefined && WITHIN[reach].includes(kind);
}

const WORDS: { readonly [K in AddressKind]: string } = Object.freeze({
  public: "is a public address",
  loopback: "is this machine",
  private: "is in a private network",
  "link-local": "is link-local",
  metadata: "is where a cloud hands out credentials",
  reserved: "is no server's address",
});

/**
 * Why an address as it is written may not be called, for people: its scheme, a user name in it, or where it leads;
 * undefined where it may. A name is judged when it is resolved, at each connection. Odd forms of an address (decimal,
 * octal, hexadecimal, mapped) are judged by what they mean.
 */
export function addressFault(url: string, reach: Reach): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return "is no address";
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:")
    return "must begin with https:// or http://";
  if (parsed.username !== "" || parsed.password !== "") return "must not hold a user name or password";
  const host = hostOf(parsed);
  const kind = addressKind(host);
  if (kind !== undefined) return WITHIN[reach].includes(kind) ? undefined : WORDS[kind];
  return isOwnNetworkName(host) && reach === "public" ? "is a name of an own network" : undefined;
}

/**
 * How far an address that its operator wrote reaches: an address or a name that lies in their own network names exactly
 * that; a public name must lead to public addresses, unless its origin is among those allowed.
 */
export function writtenReach(url: string, allowedOrigins: ReadonlySet<string>): Reach {
  const parsed = new URL(url);
  if (allowedOrigins.has(parsed.origin)) return "anywhere";
  const host = hostOf(parsed);
  const kind = addressKind(host);
  const isOwn = kind === "loopback" || kind === "private" || (kind === undefined && isOwnNetworkName(host));
  return isOwn ? "own-network" : "public";
}

/** How far an address reaches that somebody else wrote (of a webhook, say): nowhere but in public, unless allowed. */
export function foreignReach(url: string, allowedOrigins: ReadonlySet<string>): Reach {
  const origin = URL.parse(url)?.origin;
  return origin !== undefined && allowedOrigins.has(origin) ? "anywhere" : "public";
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
