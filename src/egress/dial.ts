import { Connection, type ConnectionOwner } from "./connection.ts";
import type { Origin } from "./endpoint.ts";
import { EgressFailure } from "./failure.ts";
import type { Resolver } from "./resolver.ts";

/** An address that is silent for so long is given a rival (RFC 8305, 5). */
const RIVAL_AFTER_MS = 250;

/** Judges an address that a name was resolved to, before anything is sent there. */
export type AddressJudge = (address: string, origin: Origin) => boolean;

/** What a dial needs, and whom it tells: exactly one of the two. */
export interface DialOrder {
  readonly origin: Origin;
  readonly resolver: Pick<Resolver, "addressesOf">;
  readonly mayConnect: AddressJudge;
  /** Owns the connection from then on. */
  readonly owner: Pick<ConnectionOwner, "closed">;
  connected(connection: Connection): void;
  failed(failure: EgressFailure): void;
}

/**
 * Opens one connection to an origin: resolves its name, leaves out the addresses that may not be called, and tries the
 * rest in order, the next one when one fails or is silent. The first that connects wins, the others are closed.
 */
export class Dial implements ConnectionOwner {
  readonly #order: DialOrder;
  #untried: string[] = [];
  #trying = 0;
  #won: Connection | undefined;
  #failure: EgressFailure | undefined;
  #rival: Timer | undefined;

  constructor(order: DialOrder) {
    this.#order = order;
    const { origin, resolver, mayConnect } = order;
    resolver.addressesOf(origin.hostname).then(
      (addresses) => {
        this.#untried = addresses.filter((address) => mayConnect(address, origin));
        this.#next();
      },
      (failure: unknown) => order.failed(asFailure(failure)),
    );
  }

  ready(connection: Connection): void {
    this.#trying--;
    if (this.#won !== undefined) connection.cut();
    else {
      clearTimeout(this.#rival);
      this.#won = connection;
      this.#order.connected(connection);
    }
  }

  failed(_connection: Connection, failure: EgressFailure): void {
    this.#trying--;
    // Of several, the failure of the address that the system likes best says most.
    this.#failure ??= failure;
    if (this.#won === undefined) this.#next();
  }

  closed(connection: Connection): void {
    if (connection === this.#won) this.#order.owner.closed(connection);
  }

  #next(): void {
    clearTimeout(this.#rival);
    const address = this.#untried.shift();
    if (address !== undefined) {
      this.#trying++;
      new Connection(this.#order.origin, address, this);
      if (this.#untried.length > 0) this.#rival = setTimeout(() => this.#next(), RIVAL_AFTER_MS);
    } else if (this.#trying === 0) {
      this.#order.failed(this.#failure ?? forbidden(this.#order.origin));
    }
  }
}

function forbidden({ hostname }: Origin): EgressFailure {
  return new EgressFailure(
    "unreachable",
    "ADDRESS_NOT_ALLOWED",
    `no address of ${hostname} is one that may be called`,
  );
}

function asFailure(thrown: unknown): EgressFailure {
  return thrown instanceof EgressFailure
    ? thrown
    : new EgressFailure("unreachable", "", String(thrown), thrown);
}
