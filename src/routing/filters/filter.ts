import type { WeightedTarget } from "../../model/snapshot.ts";
import type { RequestFacts } from "../request-facts.ts";

/**
 * A reason to pass a target over that lies in what it is and what is asked, whatever state it is in.
 * - `forbidden`: it must not be used, come what may.
 * - `unfit`: it would do worse than another; where no other is left it is asked all the same, since what is known of
 *   models and prompts is not exact.
 */
export interface Filter {
  readonly kind: "forbidden" | "unfit";
  /** Why the target is passed over, as the rest of a sentence about it; undefined where it isn't. */
  because(member: WeightedTarget, facts: RequestFacts): string | undefined;
}
