import { nameMatcher } from "../../model/name-pattern.ts";
import type { Filter } from "./filter.ts";

/** Policies may name the providers that a caller's data may go to. */
export const provider: Filter = {
  kind: "forbidden",
  because({ target }, { policies }) {
    const { provider: name } = target.upstream;
    for (const {
      policy: { providers },
    } of policies) {
      if (providers !== undefined && !nameMatcher(providers)(name))
        return `its provider is none of those that the policy allows (${providers.join(", ") || "none"})`;
    }
    return undefined;
  },
};
