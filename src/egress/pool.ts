import type { Connection } from "./connection.ts";
import { type AddressJudge, Dial } from "./dial.ts";
import type { Origin } from "./endpoint.ts";
import type { ConnectionSource, Exchange } from "./exchange.ts";
import type { EgressFailure } from "./failure.ts";
import type { Resolver } from "./resolver.ts";

/** Bounds on the connections to one origin. */
export interface PoolLimits {
  readonly maxIdle: number;
  /** Connections there may be at all, those being made included; whoever comes then waits for one. */
  readonly maxOpen: number;
}

/**
 * How long a connection is kept that nobody uses. Common servers close theirs after 5 s (Node, uvicorn), and a request
 * written at that moment is lost; undici keeps them for 4 s for the same reason. A server that says how long it keeps
 * them is believed, less a margin for the way.
 */
const IDLE_MS = 4000;
const HINT_MARGIN_MS = 1000;
const MAX_HINTED_MS = 600_000;
/** A connection in constant use would never learn that its server has moved. */
const MAX_AGE_MS = 300_000;

/** The connections to one origin. */
export class Pool implements ConnectionSource {
  readonly #origin: Origin;
  readonly #limits: PoolLimits;
  readonly #resolver: Resolver;
  readonly #mayConnect: AddressJudge;
  /** The one used last is at the end and used first: the others may then grow old enough to be closed. */
  #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  /** Who waits for a connection; in order. Those who gave up are taken out. */
  readonly #waiting = new Set<Exchange>();
  #dialing = 0;
  #isRetired = false;

  constructor(origin: Origin, limits: PoolLimits, resolver: Resolver, mayConnect: AddressJudge) {
    this.#origin = origin;
    this.#limits = limits;
    this.#resolver = resolver;
    this.#mayConnect = mayConnect;
  }

  /** Nothing is left of it, and nothing is wanted. */
  get isForgotten(): boolean {
    return this.#isRetired && this.#open.size + this.#dialing + this.#waiting.size === 0;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  get openCount(): number {
    return this.#open.size;
  }

  acquire(exchange: Exchange): void {
    const kept = this.#takeIdle();
    if (kept !== undefined) exchange.begin(kept, true);
    else {
      this.#waiting.add(exchange);
      this.#dialForWaiting();
    }
  }

  withdraw(exchange: Exchange): void {
    this.#waiting.delete(exchange);
  }

  release(connection: Connection, hintMs: number | undefined): void {
    const [next] = this.#waiting;
    if (next !== undefined) this.#serve(next, connection, true);
    else this.#keep(connection, hintMs);
  }

  #keep(connection: Connection, hintMs: number | undefined): void {
    const nowMs = performance.now();
    const keptMs = hintMs === undefined ? IDLE_MS : Math.min(hintMs - HINT_MARGIN_MS, MAX_HINTED_MS);
    const isOld = nowMs - connection.readySinceMs > MAX_AGE_MS;
    if (this.#isRetired || isOld || keptMs <= 0 || this.#idle.length >= this.#limits.maxIdle)
      connection.end();
    else {
      connection.idleUntilMs = nowMs + keptMs;
      this.#idle.push(connection);
    }
  }

  closed(connection: Connection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#dialForWaiting();
  }

  /** Closes what has been idle for too long. */
  sweep(nowMs: number): void {
    const old = this.#idle.filter(({ idleUntilMs }) => idleUntilMs <= nowMs);
    if (old.length === 0) return;
    this.#idle = this.#idle.filter(({ idleUntilMs }) => idleUntilMs > nowMs);
    for (const connection of old) connection.end();
  }

  /** From now on no connection is kept, though calls that need one still get one. */
  retire(): void {
    this.#isRetired = true;
    const idle = this.#idle;
    this.#idle = [];
    for (const connection of idle) connection.end();
  }

  /** Connections are kept again. */
  employ(): void {
    this.#isRetired = false;
  }

  /** Closes the idle connections and gives up every call. */
  close(): void {
    for (const exchange of this.#waiting) exchange.abort();
    for (const connection of this.#open) connection.cut();
    this.#idle = [];
  }

  /**
   * As many connections are being made as calls wait, no more: one that comes late, when its caller has left, serves
   * the next.
   */
  #dialForWaiting(): void {
    while (this.#dialing < this.#waiting.size && this.#open.size + this.#dialing < this.#limits.maxOpen) {
      this.#dialing++;
      new Dial({
        origin: this.#origin,
        resolver: this.#resolver,
        mayConnect: this.#mayConnect,
        owner: this,
        connected: (connection) => this.#connected(connection),
        failed: (failure) => this.#failed(failure),
      });
    }
  }

  #takeIdle(): Connection | undefined {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.isReady && kept.idleUntilMs > performance.now()) return kept;
      kept.end();
    }
    return undefined;
  }

  #connected(connection: Connection): void {
    this.#dialing--;
    this.#open.add(connection);
    const [next] = this.#waiting;
    if (next === undefined) this.release(connection, undefined);
    else this.#serve(next, connection, false);
  }

  #serve(exchange: Exchange, connection: Connection, isReused: boolean): void {
    this.#waiting.delete(exchange);
    exchange.begin(connection, isReused);
  }

  /** The one that has waited longest is told, unless enough others are still on their way. */
  #failed(failure: EgressFailure): void {
    this.#dialing--;
    const [next] = this.#waiting;
    if (next === undefined || this.#dialing >= this.#waiting.size) return;
    this.#waiting.delete(next);
    next.fail(failure);
  }
}
