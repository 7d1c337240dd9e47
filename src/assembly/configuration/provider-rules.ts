import { closestName } from "../../config/closest-name.ts";
import type { Finding, Path } from "../../config/problem.ts";
import { addressFault, writtenReach } from "../../egress/guard/guard.ts";
import type { Provider } from "../../model/provider.ts";
import type { LooseDraft, LooseProvider } from "./loose-draft.ts";
import { isProviderId } from "./provider-section.ts";
import type { RuleContext } from "./rule-context.ts";
import { needsKey, usualKey } from "./usual-key.ts";

/** Rules about each provider as a whole. */
export function providerFindings(draft: LooseDraft, context: RuleContext): Finding[] {
  return Object.entries(draft.providers).flatMap(([id, provider]) => {
    if (provider.enabled === false || !isProviderId(id)) return [];
    const path = ["providers", id];
    const builtIn = context.catalog.get(id);
    const own =
      builtIn === undefined
        ? customFindings(path, id, provider, context)
        : builtInFindings(path, provider, builtIn, context);
    return [
      ...own,
      ...addressFindings(path, provider, draft.egress.allow),
      ...headerFindings(path, provider, builtIn),
      ...modelFindings(path, provider),
    ];
  });
}

function customFindings(path: Path, id: string, provider: LooseProvider, context: RuleContext): Finding[] {
  const near = closestName(id, context.catalog.keys());
  const guess = near === undefined ? "" : `Did you mean the built-in provider \`${near}\`? `;
  const missing = (name: string, mend: string): Finding => ({
    path: [...path, name],
    message: "is missing: a provider that isn't built in needs it",
    mend: guess + mend,
  });
  const findings: Finding[] = [];
  if (provider.dialect === undefined)
    findings.push(missing("dialect", "Add the wire format it speaks: `dialect: openai-chat`."));
  if (provider.base_url === undefined)
    findings.push(missing("base_url", "Add its address: `base_url: http://10.0.0.5:8000/v1`."));
  return findings;
}

const OF_A_REMOTE = ["dialect", "base_url", "key", "headers", "ca", "proxy"] as const;

function builtInFindings(
  path: Path,
  provider: LooseProvider,
  builtIn: Provider,
  context: RuleContext,
): Finding[] {
  if (builtIn.local !== undefined) {
    return OF_A_REMOTE.filter((name) => provider[name] !== undefined).map((name) => ({
      path: [...path, name],
      at: "name",
      message: `means nothing: ${builtIn.id} answers inside this process`,
      mend: "Remove it.",
    }));
  }
  if (!needsKey(builtIn) || provider.key !== undefined) return [];
  if (usualKey(builtIn, context.environment) === undefined) return [missingKey(path, builtIn)];
  return isElsewhere(provider.base_url, builtIn) ? [foreignKey(path, builtIn)] : [];
}

function missingKey(path: Path, builtIn: Provider): Finding {
  const usual = builtIn.keyVariables.join(" or ");
  const mend = `Set ${usual} before starting, write \`key\`, or leave the provider out by \`enabled: false\`.`;
  return { path: [...path, "key"], message: `is missing, and ${usual} is unset or empty`, mend };
}

function isElsewhere(baseUrl: string | undefined, builtIn: Provider): boolean {
  return (
    baseUrl !== undefined &&
    URL.canParse(baseUrl) &&
    new URL(baseUrl).origin !== new URL(builtIn.baseUrl).origin
  );
}

/** The usual variable holds a key for the vendor's own address; it must not travel to another unasked. */
function foreignKey(path: Path, builtIn: Provider): Finding {
  const [variable = ""] = builtIn.keyVariables;
  return {
    path: [...path, "key"],
    message: `is missing: the usual one is for ${new URL(builtIn.baseUrl).origin}, and base_url is elsewhere`,
    mend: `Write the key for that address; if it is the same one, \`key: \${${variable}}\`.`,
  };
}

/** A name is judged when it is resolved; an address that no provider has is told at once. */
function addressFindings(path: Path, provider: LooseProvider, allowed: readonly string[]): Finding[] {
  const { base_url: baseUrl, proxy } = provider;
  return [
    ...addressFinding([...path, "base_url"], baseUrl, new Set(allowed)),
    ...addressFinding([...path, "proxy"], proxy, new Set()),
  ];
}

function addressFinding(path: Path, written: unknown, allowed: ReadonlySet<string>): Finding[] {
  const url = typeof written === "string" ? URL.parse(written) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return [];
  const plain = `${url.origin}/`;
  const fault = addressFault(plain, writtenReach(plain, allowed));
  if (fault === undefined) return [];
  const mend =
    path.at(-1) === "proxy"
      ? "Write the address of a proxy."
      : `If that is meant, add ${url.origin} to \`egress.allow\`.`;
  return [{ path, message: `may not be called: it ${fault}`, mend }];
}

function headerFindings(path: Path, provider: LooseProvider, builtIn: Provider | undefined): Finding[] {
  const names = Object.keys(provider.headers ?? {});
  const lower = names.map((name) => name.toLowerCase());
  const credential =
    builtIn?.authentication.scheme === "header" ? builtIn.authentication.name.toLowerCase() : "";
  return names.flatMap((name, index): Finding[] => {
    const own = { path: [...path, "headers", name], at: "name" } as const;
    if (lower[index] === credential)
      return [{ ...own, message: "carries this provider's key", mend: "Write `key` instead." }];
    if (lower.indexOf(name.toLowerCase()) === index) return [];
    return [{ ...own, message: "is set twice", mend: "Keep one; the case of letters makes no difference." }];
  });
}

function modelFindings(path: Path, provider: LooseProvider): Finding[] {
  const { models = [], default_model: chosen } = provider;
  if (chosen === undefined || models.length === 0 || models.includes(chosen)) return [];
  return [
    {
      path: [...path, "default_model"],
      message: "must be one of the provider's models",
      mend: "Add it to `models`, or choose one of them.",
    },
  ];
}
