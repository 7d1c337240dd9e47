/**
 * Names that no public name server gives an address to: whoever writes one means a network of their own. `localhost`
 * (RFC 6761, 6.3), `.local` (RFC 6762), what RFC 6762, appendix G and ICANN keep for private networks, `.home.arpa`
 * (RFC 8375). A name without a dot is one too: of a container, or in the system's own list.
 */
const OWN_SUFFIXES = [
  "localhost",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
] as const;

/** Whether a host's name, as a URL has it, can only lead into the network of whoever wrote it. */
export function isOwnNetworkName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, "");
  if (name === "" || name.includes(":")) return false;
  return !name.includes(".") || OWN_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}
