import { conditionHolds } from "../conditions/condition-holds.ts";
import type { Filter } from "./filter.ts";

/** A target's own condition; that of its tier is asked once for all of them. */
export const condition: Filter = {
  kind: "forbidden",
  because({ when }, facts) {
    return when === undefined || conditionHolds(when, facts) ? undefined : "its condition does not hold";
  },
};
