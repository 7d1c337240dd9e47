import type { PriceBook } from "../../ledger/prices/price-book.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { KnownCaller } from "../../policy/identity/known-caller.ts";
import { RoutingState } from "../../routing/routing-state.ts";
import { seededRandom } from "../../routing/seeded-random.ts";
import { Events } from "./events.ts";
import { LikelyOutcomes } from "./likely-outcomes.ts";

/** What a simulation is of. */
export interface SimulatedParts {
  readonly snapshot: Snapshot;
  readonly prices: PriceBook;
  /** The caller behind a virtual key, under the policies that hold now; undefined where the key is not known. */
  callerOf(keyId: string): KnownCaller | undefined;
}

/** The gateway as it would have been: the same routing, by a clock of the past and chance that is always the same. */
export class World {
  readonly snapshot: Snapshot;
  readonly prices: PriceBook;
  readonly callerOf: SimulatedParts["callerOf"];
  readonly events = new Events();
  readonly outcomes = new LikelyOutcomes();
  readonly routing: RoutingState;

  constructor({ snapshot, prices, callerOf }: SimulatedParts) {
    this.snapshot = snapshot;
    this.prices = prices;
    this.callerOf = callerOf;
    this.routing = new RoutingState(() => snapshot.routing, {
      clock: () => this.events.nowMs,
      random: seededRandom("gatehouse simulate"),
    });
  }
}
