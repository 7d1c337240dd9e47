import type { Environment } from "../../config/expand-references.ts";
import type { Problem } from "../../config/problem.ts";
import type { Provider } from "../../model/provider.ts";
import { environmentProblem } from "./environment-overrides.ts";
import { isKey } from "./provider-section.ts";
import { usualAddress } from "./usual-address.ts";
import { usualKey } from "./usual-key.ts";

/** Problems of the usual variables: what no call could be made with would fail each one, and none is told why. */
export function variableProblems(
  catalog: ReadonlyMap<string, Provider>,
  environment: Environment,
): Problem[] {
  return [...catalog.values()].flatMap((provider) => [
    ...keyProblems(provider, environment),
    ...addressProblems(provider, environment),
  ]);
}

function keyProblems(provider: Provider, environment: Environment): Problem[] {
  const usual = usualKey(provider, environment);
  if (usual === undefined || isKey(usual.key)) return [];
  const mend = `Set it to the key of ${provider.title} alone, or unset it.`;
  return [environmentProblem(usual.variable, { message: "must be one word of plain ASCII", mend })];
}

function addressProblems(provider: Provider, environment: Environment): Problem[] {
  const usual = usualAddress(provider, environment);
  if (usual === undefined || usual.baseUrl !== undefined) return [];
  const mend = `Set it to where ${provider.title} listens, such as ${new URL(provider.baseUrl).host}, or unset it.`;
  return [environmentProblem(usual.variable, { message: "must be an http address", mend })];
}
