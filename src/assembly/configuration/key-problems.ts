import type { Environment } from "../../config/expand-references.ts";
import type { Problem } from "../../config/problem.ts";
import type { Provider } from "../../model/provider.ts";
import { environmentProblem } from "./environment-overrides.ts";
import { isKey } from "./provider-section.ts";
import { usualKey } from "./usual-key.ts";

/** Problems of the usual variables: a key that no header can carry would fail each call, and none is told why. */
export function keyProblems(catalog: ReadonlyMap<string, Provider>, environment: Environment): Problem[] {
  return [...catalog.values()].flatMap((provider) => {
    const usual = usualKey(provider, environment);
    if (usual === undefined || isKey(usual.key)) return [];
    const message = "must be one word of plain ASCII";
    return [
      environmentProblem(usual.variable, {
        message,
        mend: `Set it to the key of ${provider.title} alone, or unset it.`,
      }),
    ];
  });
}
