import type { Problem } from "../../config/problem.ts";
import { signingOf } from "../../egress/signing/index.ts";
import type { Provider } from "../../model/provider.ts";
import { environmentProblem } from "./environment-overrides.ts";
import { type CredentialSources, usualPart } from "./provider-credentials.ts";
import { missingOptions, optionValues } from "./provider-options.ts";
import { isKey } from "./provider-section.ts";
import { usualKey } from "./usual-key.ts";

/** Problems of the usual variables: a key that no header can carry would fail each call, and none is told why. */
export function keyProblems(catalog: ReadonlyMap<string, Provider>, sources: CredentialSources): Problem[] {
  return [...catalog.values()].flatMap((provider) => {
    const usual = usualKey(provider, sources.environment);
    if (usual === undefined) return credentialProblems(provider, sources);
    if (isKey(usual.key)) return [];
    const message = "must be one word of plain ASCII";
    return [
      environmentProblem(usual.variable, {
        message,
        mend: `Set it to the key of ${provider.title} alone, or unset it.`,
      }),
    ];
  });
}

/** Such variables are set for many things: they are judged only where the provider's options say that it is meant. */
function credentialProblems(provider: Provider, sources: CredentialSources): Problem[] {
  const signing = signingOf(provider.authentication);
  if (signing === undefined) return [];
  const options = optionValues(provider, {}, sources.environment);
  if (missingOptions(provider, provider.baseUrl, options, signing.options).length > 0) return [];
  return Object.entries(signing.fields).flatMap(([name, field]) => {
    const part = usualPart(signing, name, sources);
    const mend = `Set it rightly, or unset it: it is the ${field.description.toLowerCase()} for ${provider.title}.`;
    if ("unreadable" in part) {
      const message = `names a file that can't be read (${part.unreadable})`;
      return [environmentProblem(part.variable, { message, mend })];
    }
    const fault = "value" in part ? field.fault?.(part.value) : undefined;
    return "value" in part && fault !== undefined
      ? [environmentProblem(part.variable, { message: fault, mend })]
      : [];
  });
}
