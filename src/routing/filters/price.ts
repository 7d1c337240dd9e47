import { hasBudget } from "../../model/policy.ts";
import type { RequestFacts } from "../request-facts.ts";
import type { Filter } from "./filter.ts";

/** A budget can't be kept where nobody knows what a call costs. */
export const price: Filter = {
  kind: "forbidden",
  because({ target }, facts) {
    if (!isUnderBudget(facts) || facts.isPriced(target)) return undefined;
    return "it has no price, and a budget can't be kept without one";
  },
};

function isUnderBudget({ policies }: RequestFacts): boolean {
  return policies.some(hasBudget);
}
