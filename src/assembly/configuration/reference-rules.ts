import { didYouMean } from "../../config/closest-name.ts";
import type { Finding, Path } from "../../config/problem.ts";
import type { Provider } from "../../model/provider.ts";
import { isTargetName } from "../../model/target-name.ts";
import type { LooseDraft } from "./loose-draft.ts";
import { routeFindings } from "./route-rules.ts";
import type { RuleContext } from "./rule-context.ts";
import { usualAddress } from "./usual-address.ts";
import { isUsable, usualVariables } from "./usual-key.ts";

/** Rules about what refers to a provider or a route by its name. */
export function referenceFindings(draft: LooseDraft, context: RuleContext): Finding[] {
  return [
    ...routeFindings(draft, (path, target) => targetFindings(path, target, draft, context)),
    ...defaultFindings(draft, context),
    ...priceFindings(draft, context),
  ];
}

function defaultFindings(draft: LooseDraft, context: RuleContext): Finding[] {
  const path = ["default_model"];
  const written = draft.default_model;
  if (written === undefined || Object.hasOwn(draft.routes, written)) return [];
  if (isTargetName(written)) return targetFindings(path, written, draft, context);
  const mend = `${didYouMean(written, Object.keys(draft.routes))}Write \`provider/model\`, or the alias of a route.`;
  return [{ path, message: "must be the alias of a route, or `provider/model`", mend }];
}

function priceFindings(draft: LooseDraft, context: RuleContext): Finding[] {
  const known = knownProviders(draft, context);
  return Object.keys(draft.prices).flatMap((name): Finding[] => {
    const id = providerOf(name);
    if (id === undefined || known.has(id)) return [];
    return [{ path: ["prices", name], at: "name", ...unknownProvider(id, known) }];
  });
}

function targetFindings(path: Path, target: string, draft: LooseDraft, context: RuleContext): Finding[] {
  const id = providerOf(target);
  if (id === undefined) return [];
  const fault = providerFault(id, draft, context);
  return fault === undefined ? [] : [{ path, ...fault }];
}

/** Why a provider can't be called, or undefined where it can. */
function providerFault(
  id: string,
  draft: LooseDraft,
  context: RuleContext,
): Pick<Finding, "message" | "mend"> | undefined {
  const written = draft.providers[id];
  if (written?.enabled === false) {
    return {
      message: `names the provider ${id}, which is left out`,
      mend: `Remove it, or \`enabled: false\` of ${id}.`,
    };
  }
  if (written !== undefined) return undefined;
  const builtIn = context.catalog.get(id);
  if (builtIn === undefined) return unknownProvider(id, knownProviders(draft, context));
  if (builtIn.addressVariables !== undefined) return absentServer(builtIn, context);
  if (isUsable(builtIn, context)) return undefined;
  const usual = usualVariables(builtIn);
  if (builtIn.options === undefined) {
    return {
      message: `names the provider ${id}, which has no key`,
      mend: `Set ${usual} before starting, or write \`key\` at providers.${id}.`,
    };
  }
  return {
    message: `names the provider ${id}, which lacks a key or an option`,
    mend: `Write providers.${id}, and \`config check\` says what it needs; or set ${usual} and its options' variables.`,
  };
}

/** A server of the operator's own is there where its address is said. */
function absentServer(
  builtIn: Provider,
  { environment }: RuleContext,
): Pick<Finding, "message" | "mend"> | undefined {
  if (usualAddress(builtIn, environment)?.baseUrl !== undefined) return undefined;
  const usual = builtIn.addressVariables?.join(" or ");
  return {
    message: `names the provider ${builtIn.id}, which is not switched on`,
    mend: `Set ${usual} before starting, or write \`providers: { ${builtIn.id}: {} }\` for ${builtIn.baseUrl}.`,
  };
}

function unknownProvider(id: string, known: ReadonlySet<string>): Pick<Finding, "message" | "mend"> {
  const mend = `${didYouMean(id, known)}Known here: ${[...known].join(", ")}.`;
  return { message: "must name a provider that is known here", mend };
}

function knownProviders(draft: LooseDraft, context: RuleContext): ReadonlySet<string> {
  return new Set([...Object.keys(draft.providers), ...context.catalog.keys()]);
}

function providerOf(target: string): string | undefined {
  const slash = target.indexOf("/");
  return slash > 0 ? target.slice(0, slash) : undefined;
}
