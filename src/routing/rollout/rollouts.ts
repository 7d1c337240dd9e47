import type { Route } from "../../model/snapshot.ts";
import { Rollout } from "./rollout.ts";

/** The canaries of all routes, by the names of both: one that was given up stays so under a new configuration. */
export class Rollouts {
  readonly #byName = new Map<string, Rollout>();

  /** The canary of a route; undefined where it has none. */
  of({ alias, arms }: Route): Rollout | undefined {
    const canary = arms?.arms[1]?.route.targets[0]?.target.name;
    if (arms?.rollback === undefined || canary === undefined) return undefined;
    const name = `${alias}\n${canary}`;
    const rollout = this.#byName.get(name) ?? new Rollout(canary, arms.rollback);
    this.#byName.set(name, rollout);
    return rollout;
  }
}
