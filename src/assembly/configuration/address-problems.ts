import type { Environment } from "../../config/expand-references.ts";
import type { Problem } from "../../config/problem.ts";
import type { Provider } from "../../model/provider.ts";
import { environmentProblem } from "./environment-overrides.ts";
import { usualAddress } from "./usual-address.ts";

/** Problems of the variables that hold the addresses of an operator's own servers. */
export function addressProblems(catalog: ReadonlyMap<string, Provider>, environment: Environment): Problem[] {
  return [...catalog.values()].flatMap((provider) => {
    const usual = usualAddress(provider, environment);
    if (usual === undefined || usual.baseUrl !== undefined) return [];
    const mend = `Set it to where ${provider.title} listens, such as ${new URL(provider.baseUrl).host}, or unset it.`;
    return [environmentProblem(usual.variable, { message: "must be an http address", mend })];
  });
}
