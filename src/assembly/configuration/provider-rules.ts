import { closestName } from "../../config/closest-name.ts";
import type { Finding, Path } from "../../config/problem.ts";
import { addressFault, writtenReach } from "../../egress/guard/guard.ts";
import type { Provider } from "../../model/provider.ts";
import type { LooseDraft, LooseProvider } from "./loose-draft.ts";
import { usualCredentials } from "./provider-credentials.ts";
import { optionValues, withOptions } from "./provider-options.ts";
import {
  credentialFindings,
  optionFindings,
  placeholderFindings,
  writtenOptions,
} from "./provider-parts-rules.ts";
import { secretFor } from "./provider-secrets.ts";
import { isProviderId } from "./provider-section.ts";
import type { RuleContext } from "./rule-context.ts";
import { needsKey, usualKey, usualVariables } from "./usual-key.ts";

/** Rules about each provider as a whole. */
export function providerFindings(draft: LooseDraft, context: RuleContext): Finding[] {
  return Object.entries(draft.providers).flatMap(([id, provider]) => {
    if (provider.enabled === false || !isProviderId(id)) return [];
    const path = ["providers", id];
    const builtIn = context.catalog.get(id);
    const own =
      builtIn === undefined
        ? customFindings(path, id, provider, context)
        : builtInFindings(path, id, provider, builtIn, context);
    return [
      ...own,
      ...poolFindings(path, provider),
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
  return [
    ...findings,
    ...foreignSecret(path, id, provider, context),
    ...strangerFindings(path, provider),
    ...placeholderFindings(path, provider.base_url, {}),
  ];
}

/** What belongs to built-in providers alone: the address of another is written as it is, and it takes a key. */
function strangerFindings(path: Path, provider: LooseProvider): Finding[] {
  return (["options", "credentials"] as const).flatMap((name): Finding[] => {
    if (Object.keys(provider[name] ?? {}).length === 0) return [];
    const mend = name === "options" ? "Write them into `base_url` itself." : "Write `key` instead.";
    return [
      {
        path: [...path, name],
        at: "name",
        message: "means nothing for a provider that isn't built in",
        mend,
      },
    ];
  });
}

const OF_A_REMOTE = ["dialect", "base_url", "key", "keys", "headers", "ca", "proxy"] as const;

function builtInFindings(
  path: Path,
  id: string,
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
  return [
    ...optionFindings(path, provider, builtIn, context),
    ...credentialFindings(path, provider, builtIn, context),
    ...proofFindings(path, id, provider, builtIn, context),
  ];
}

function proofFindings(
  path: Path,
  id: string,
  provider: LooseProvider,
  builtIn: Provider,
  context: RuleContext,
): Finding[] {
  const isKeyed = provider.key !== undefined || provider.keys !== undefined;
  const isWritten = isKeyed || Object.keys(provider.credentials ?? {}).length > 0;
  if (!needsKey(builtIn) || isWritten) return [];
  const values = optionValues(builtIn, writtenOptions(provider), context.environment);
  const own = withOptions(builtIn.baseUrl, values);
  if (secretFor(context.secrets, id, withOptions(provider.base_url ?? own, values)) !== undefined) return [];
  const isUsual =
    usualKey(builtIn, context.environment) !== undefined || usualCredentials(builtIn, context) !== undefined;
  const [foreign] = foreignSecret(path, id, provider, context);
  if (!isUsual) return [foreign ?? missingKey(path, builtIn)];
  return isElsewhere(withOptions(provider.base_url ?? own, values), own)
    ? [foreignKey(path, builtIn, own)]
    : [];
}

/** A secret that was entered for one origin is of no use at another: it has to be entered again. */
function foreignSecret(
  path: Path,
  id: string,
  { base_url: baseUrl, key, keys }: LooseProvider,
  { secrets }: RuleContext,
): Finding[] {
  const entered = [...(secrets.get(id)?.keys() ?? [])];
  const origin = baseUrl === undefined ? undefined : URL.parse(baseUrl)?.origin;
  if ((key ?? keys) !== undefined || origin === undefined || entered.length === 0 || entered.includes(origin))
    return [];
  return [
    {
      path: [...path, "base_url"],
      message: `is another origin than the one that its secret was entered for, ${entered.join(" or ")}`,
      mend: `Enter it again: \`gatehouse providers secret set ${id} --origin ${origin}\`.`,
    },
  ];
}

function missingKey(path: Path, builtIn: Provider): Finding {
  const usual = usualVariables(builtIn);
  const mend = `Set ${usual} before starting, write \`key\`, or leave the provider out by \`enabled: false\`.`;
  return { path: [...path, "key"], message: `is missing, and ${usual} is unset or empty`, mend };
}

function isElsewhere(baseUrl: string, own: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  return !URL.canParse(own) || new URL(baseUrl).origin !== new URL(own).origin;
}

/** The usual variable holds a key for the vendor's own address; it must not travel to another unasked. */
function foreignKey(path: Path, builtIn: Provider, own: string): Finding {
  const [variable = ""] = builtIn.keyVariables;
  const address = URL.canParse(own) ? new URL(own).origin : builtIn.title;
  return {
    path: [...path, "key"],
    message: `is missing: the usual one is for ${address}, and base_url is elsewhere`,
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
