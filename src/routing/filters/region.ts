import { nameMatcher } from "../../model/name-pattern.ts";
import type { ScopedPolicy } from "../../model/policy.ts";
import type { WeightedTarget } from "../../model/snapshot.ts";
import type { Filter } from "./filter.ts";

/** Policies may name the regions that a caller's data may go to. A region that isn't known is none of them. */
export const region: Filter = {
  kind: "forbidden",
  because: (member, { policies }) => forbiddenRegion(member, policies),
};

/** Why a target stands in no region that the policies allow, as the rest of a sentence; undefined where it does. */
export function forbiddenRegion(
  { target, region: own }: WeightedTarget,
  policies: readonly Pick<ScopedPolicy, "policy">[],
): string | undefined {
  const where = own ?? target.upstream.region;
  for (const {
    policy: { regions },
  } of policies) {
    if (regions === undefined || (where !== undefined && nameMatcher(regions)(where))) continue;
    const stands = where === undefined ? "its region is not known" : `it stands in ${where}`;
    return `${stands}, and the policy allows ${regions.join(", ") || "no region"}`;
  }
  return undefined;
}
