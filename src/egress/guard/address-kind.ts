import { parseAddress } from "./parse-address.ts";

/**
 * What an address leads to. `metadata` is where clouds hand out credentials to whoever asks from inside; `reserved` is
 * everything that no server of the public internet has: unspecified, multicast, documentation, translation without a
 * known target.
 */
export type AddressKind = "public" | "loopback" | "private" | "link-local" | "metadata" | "reserved";

interface Range {
  readonly prefix: Uint8Array;
  readonly bits: number;
  readonly kind: AddressKind | EmbeddedAddress;
}

/** The IPv4 address that an IPv6 one is carried to begins at this byte: it says what the address leads to. */
interface EmbeddedAddress {
  readonly embeddedAt: number;
}

function range(written: string, kind: Range["kind"]): Range {
  const [address = "", bits] = written.split("/");
  const prefix = parseAddress(address);
  if (prefix === undefined) throw new Error(`no range: ${written}`);
  return Object.freeze({ prefix, bits: Number(bits), kind });
}

/**
 * The first that fits counts. From IANA's registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, .../iana-ipv6-special-registry) and the clouds' own
 * documentation of their metadata services.
 */
const IPV4: readonly Range[] = [
  // Alibaba Cloud, Oracle Cloud, Azure's host agent.
  range("100.100.100.200/32", "metadata"),
  range("192.0.0.192/32", "metadata"),
  range("168.63.129.16/32", "metadata"),
  // AWS, Google Cloud, Azure, DigitalOcean, OpenStack, and the credentials of AWS's containers.
  range("169.254.169.254/32", "metadata"),
  range("169.254.170.2/32", "metadata"),
  range("169.254.170.23/32", "metadata"),
  range("169.254.0.0/16", "link-local"),
  range("127.0.0.0/8", "loopback"),
  range("10.0.0.0/8", "private"),
  range("172.16.0.0/12", "private"),
  range("192.168.0.0/16", "private"),
  range("100.64.0.0/10", "private"),
  range("0.0.0.0/8", "reserved"),
  range("192.0.0.0/24", "reserved"),
  range("192.0.2.0/24", "reserved"),
  range("192.88.99.0/24", "reserved"),
  range("198.18.0.0/15", "reserved"),
  range("198.51.100.0/24", "reserved"),
  range("203.0.113.0/24", "reserved"),
  range("224.0.0.0/3", "reserved"),
];

const IPV6: readonly Range[] = [
  // AWS, Google Cloud.
  range("fd00:ec2::/32", "metadata"),
  range("fd20:ce::/32", "metadata"),
  range("::1/128", "loopback"),
  range("fc00::/7", "private"),
  range("fec0::/10", "private"),
  range("fe80::/10", "link-local"),
  // Mapped (RFC 4291, 2.5.5.2), NAT64 (RFC 6052, 2.1), 6to4 (RFC 3056, 2).
  range("::ffff:0:0/96", { embeddedAt: 12 }),
  range("64:ff9b::/96", { embeddedAt: 12 }),
  range("2002::/16", { embeddedAt: 2 }),
  range("2001::/23", "reserved"),
  range("2001:db8::/32", "reserved"),
  range("3fff::/20", "reserved"),
  // Of all the rest, only this is given to networks (RFC 4291, 2.4).
  range("2000::/3", "public"),
];

/** What an address leads to; undefined for a text that is none, such as a host's name. */
export function addressKind(address: string): AddressKind | undefined {
  const bytes = parseAddress(address);
  return bytes === undefined ? undefined : kindOf(bytes);
}

function kindOf(bytes: Uint8Array): AddressKind {
  const isShort = bytes.byteLength === 4;
  const found = (isShort ? IPV4 : IPV6).find((candidate) => isWithin(bytes, candidate));
  if (found === undefined) return isShort ? "public" : "reserved";
  if (typeof found.kind === "string") return found.kind;
  const { embeddedAt } = found.kind;
  return kindOf(bytes.subarray(embeddedAt, embeddedAt + 4));
}

function isWithin(bytes: Uint8Array, { prefix, bits }: Range): boolean {
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) if (bytes[at] !== prefix[at]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((bytes[whole] ?? 0) & mask) === ((prefix[whole] ?? 0) & mask);
}
