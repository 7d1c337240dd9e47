import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { codeOf, EgressFailure } from "./failure.ts";

/** Short, since a moved server must be found; long enough that a burst of new connections asks once. */
const KEPT_MS = 5000;
/** Names come from the configuration, so there are few. */
const MAX_KEPT = 1000;

interface Kept {
  readonly addresses: Promise<readonly string[]>;
  readonly untilMs: number;
}

/**
 * Finds the addresses of host names, in the order in which to try them (the system's: RFC 6724). Only new connections
 * ask; a kept one has its address.
 */
export class Resolver {
  readonly #kept = new Map<string, Kept>();

  /** An address is its own. Rejects with an EgressFailure `unreachable`. */
  addressesOf(hostname: string): Promise<readonly string[]> {
    if (isIP(hostname) !== 0) return Promise.resolve([hostname]);
    const nowMs = performance.now();
    const kept = this.#kept.get(hostname);
    if (kept !== undefined && kept.untilMs > nowMs) return kept.addresses;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const addresses = resolve(hostname);
    this.#kept.set(hostname, { addresses, untilMs: nowMs + KEPT_MS });
    // A failure is told to those who wait for it, and asked again by the next.
    addresses.catch(() => this.#kept.delete(hostname));
    return addresses;
  }
}

async function resolve(hostname: string): Promise<readonly string[]> {
  try {
    const found = await lookup(hostname, { all: true, verbatim: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (thrown) {
    throw new EgressFailure("unreachable", codeOf(thrown), `no address of ${hostname} is known`, thrown);
  }
}
