import { closestName } from "../../config/closest-name.ts";
import type { Finding, Path } from "../../config/problem.ts";
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
      ...poolFindings(path, provider),
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

const OF_A_REMOTE = ["dialect", "base_url", "key", "keys", "headers", "ca", "proxy"] as const;

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
  if (!needsKey(builtIn) || provider.key !== undefined || provider.keys !== undefined) return [];
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

/** Several keys are told apart by their names, and stand in place of a single one. */
function poolFindings(path: Path, { key, keys }: LooseProvider): Finding[] {
  if (!Array.isArray(keys)) return [];
  const names = keys.map(keyName);
  const twice = names.flatMap((name, index): Finding[] =>
    names.indexOf(name) === index
      ? []
      : [
          {
            path: [...path, "keys", index, "name"],
            message: "names two of the keys",
            mend: "Give each its own; one that has none is called by its place in the list.",
          },
        ],
  );
  if (key === undefined) return twice;
  const both = { message: "stands beside `keys`", mend: "Move it into the list of `keys`." };
  return [{ path: [...path, "key"], at: "name", ...both }, ...twice];
}

function keyName(written: unknown, place: number): string {
  const isNamed = typeof written === "object" && written !== null && "name" in written;
  return isNamed && typeof written.name === "string" ? written.name : String(place + 1);
}
