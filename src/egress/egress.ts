import type { Call } from "./answer.ts";
import type { AddressJudge } from "./dial.ts";
import { type Endpoint, type Origin, originKey } from "./endpoint.ts";
import { Exchange } from "./exchange.ts";
import { mayConnect } from "./guard/guard.ts";
import { Pool, type PoolLimits } from "./pool.ts";
import { sendThroughProxy } from "./proxied-call.ts";
import type { RequestBody } from "./request-writer.ts";
import { Resolver } from "./resolver.ts";

/** How the egress may be set; everything has a default. */
export interface EgressOptions extends Partial<PoolLimits> {
  /** Judges each address that a name was resolved to, before a connection is made; absent: the guard, by the reach. */
  readonly mayConnect?: AddressJudge;
}

const DEFAULT_LIMITS: PoolLimits = { maxIdle: 1024, maxOpen: 32_768 };
const SWEEP_MS = 1000;

/**
 * The one way out: an HTTP/1.1 client over the runtime's sockets (RFC 9110, 9112), with kept connections per origin.
 * Redirects are not followed, nothing is repeated that may have been executed, no certificate goes unverified, and no
 * address is connected to that the endpoint's reach leaves out. The
 * runtime's own `fetch` hops to a thread and back at every read and can tell neither when it has connected nor to which
 * address; only calls through a configured proxy still use it.
 */
export class Egress {
  readonly #pools = new Map<string, Pool>();
  /** Finds an endpoint's pool without putting its key together at every call. */
  readonly #poolOf = new WeakMap<Endpoint, Pool>();
  readonly #limits: PoolLimits;
  readonly #mayConnect: AddressJudge;
  readonly #resolver = new Resolver();
  readonly #sweeper: Timer;

  constructor(options: EgressOptions = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...options };
    this.#mayConnect = options.mayConnect ?? mayConnect;
    this.#sweeper = setInterval(() => this.#sweep(performance.now()), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** Sends a request. Everything that can go wrong is told by the call's promise. */
  send(endpoint: Endpoint, body: RequestBody): Call {
    if (endpoint.proxy !== undefined) return sendThroughProxy(endpoint, endpoint.proxy, body, this.#resolver);
    const pool = this.#pool(endpoint);
    const exchange = new Exchange(endpoint, body, pool);
    pool.acquire(exchange);
    return exchange;
  }

  /** Connections that are open, and how many of them wait for a call. */
  counts(): { readonly open: number; readonly idle: number } {
    let open = 0;
    let idle = 0;
    for (const pool of this.#pools.values()) {
      open += pool.openCount;
      idle += pool.idleCount;
    }
    return { open, idle };
  }

  /**
   * Other origins are in use from now on. Connections to those that are left are closed as soon as nobody uses them: at
   * once where they are idle, else at the end of their call.
   */
  moveOn(left: readonly Origin[], used: readonly Origin[]): void {
    for (const origin of left) this.#pools.get(originKey(origin))?.retire();
    for (const origin of used) this.#pools.get(originKey(origin))?.employ();
  }

  /** Closes every connection. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const pool of this.#pools.values()) pool.close();
  }

  #pool(endpoint: Endpoint): Pool {
    const known = this.#poolOf.get(endpoint);
    if (known !== undefined) return known;
    const key = originKey(endpoint.origin);
    const pool =
      this.#pools.get(key) ?? new Pool(endpoint.origin, this.#limits, this.#resolver, this.#mayConnect);
    this.#pools.set(key, pool);
    this.#poolOf.set(endpoint, pool);
    return pool;
  }

  #sweep(nowMs: number): void {
    for (const [key, pool] of this.#pools) {
      pool.sweep(nowMs);
      if (pool.isForgotten) this.#pools.delete(key);
    }
  }
}
