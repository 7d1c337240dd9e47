import { didYouMean } from "../../config/closest-name.ts";
import type { Finding, Path } from "../../config/problem.ts";
import { type Signing, signingOf } from "../../egress/signing/index.ts";
import type { Provider } from "../../model/provider.ts";
import type { LooseProvider } from "./loose-draft.ts";
import { missingParts, usualPart, variablesOf } from "./provider-credentials.ts";
import {
  isOptionValue,
  missingOptions,
  type OptionValues,
  optionValues,
  unknownPlaceholders,
} from "./provider-options.ts";
import type { RuleContext } from "./rule-context.ts";

/** Rules about the options of a built-in provider: those that its address needs must be there, and no others. */
export function optionFindings(
  path: Path,
  provider: LooseProvider,
  builtIn: Provider,
  context: RuleContext,
): Finding[] {
  const names = Object.keys(builtIn.options ?? {});
  const written = writtenOptions(provider);
  const strange = Object.keys(provider.options ?? {}).filter((name) => !names.includes(name));
  const baseUrl = provider.base_url ?? builtIn.baseUrl;
  const values = optionValues(builtIn, written, context.environment);
  const isSigned = provider.key === undefined && signingOf(builtIn.authentication) !== undefined;
  const needed = isSigned ? (signingOf(builtIn.authentication)?.options ?? []) : [];
  // One that is written wrongly is told by the schema.
  const missing = missingOptions(builtIn, baseUrl, values, needed).filter(
    (name) => !Object.hasOwn(provider.options ?? {}, name),
  );
  return [
    ...strange.map((name) => strangeOption(path, name, builtIn, names)),
    ...missing.map((name) => missingOption(path, name, builtIn)),
    ...placeholderFindings(path, provider.base_url, builtIn),
  ];
}

/** The values that are written, as far as they can be ones. */
export function writtenOptions({ options = {} }: LooseProvider): OptionValues {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      typeof value === "string" && isOptionValue(value) ? [[name, value] as const] : [],
    ),
  );
}

/** An address in which a placeholder stays would be called as it is. */
export function placeholderFindings(
  path: Path,
  baseUrl: string | undefined,
  { options }: Pick<Provider, "options">,
): Finding[] {
  return unknownPlaceholders(options === undefined ? {} : { options }, baseUrl ?? "").map((name) => ({
    path: [...path, "base_url"],
    message: `has the placeholder {${name}}, which no option fills`,
    mend: "Write the address as it is called, without braces.",
  }));
}

function strangeOption(path: Path, name: string, builtIn: Provider, names: readonly string[]): Finding {
  const known = names.length === 0 ? `${builtIn.title} has none` : `Known here: ${names.join(", ")}`;
  return {
    path: [...path, "options", name],
    at: "name",
    message: `is no option of ${builtIn.id}`,
    mend: `${didYouMean(name, names)}${known}.`,
  };
}

function missingOption(path: Path, name: string, builtIn: Provider): Finding {
  const { description = "", variables = [] } = builtIn.options?.[name] ?? {};
  const usual = variables.join(" or ");
  const unset = usual === "" ? "is missing" : `is missing, and ${usual} is unset or holds none`;
  const orVariable = usual === "" ? "" : `, or set ${usual} before starting`;
  return {
    path: [...path, "options", name],
    message: unset,
    mend: `Write \`options: { ${name}: ... }\`${orVariable}: ${description}.`,
  };
}

/** Rules about credentials of several parts. `isElsewhere` where the address is another than the vendor's own. */
export function credentialFindings(
  path: Path,
  provider: LooseProvider,
  builtIn: Provider,
  context: RuleContext,
): Finding[] {
  const written = provider.credentials ?? {};
  const names = Object.keys(written);
  if (names.length === 0) return [];
  const signing = signingOf(builtIn.authentication);
  const [first = ""] = names;
  const at = { path: [...path, "credentials", first], at: "name" } as const;
  if (signing === undefined)
    return [{ ...at, message: `means nothing: ${builtIn.title} takes a key`, mend: "Write `key` instead." }];
  if (provider.key !== undefined)
    return [{ ...at, message: "is beside `key`, and one proof is enough", mend: "Remove one of them." }];
  return [
    ...strangeParts(path, names, signing),
    ...faultyParts(path, written, signing),
    ...missingWritten(path, written, signing, context),
  ];
}

function strangeParts(path: Path, names: readonly string[], signing: Signing): Finding[] {
  const known = Object.keys(signing.fields);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: [...path, "credentials", name],
      at: "name",
      message: "is no part of these credentials",
      mend: `${didYouMean(name, known)}Known here: ${known.join(", ")}.`,
    }));
}

function faultyParts(path: Path, written: { readonly [name: string]: unknown }, signing: Signing): Finding[] {
  return Object.entries(signing.fields).flatMap(([name, field]) => {
    const value = written[name];
    const fault = typeof value === "string" ? field.fault?.(value) : undefined;
    if (fault === undefined) return [];
    return [
      {
        path: [...path, "credentials", name],
        message: fault,
        mend: `It is the ${lowered(field.description)}.`,
      },
    ];
  });
}

function missingWritten(
  path: Path,
  written: { readonly [name: string]: unknown },
  signing: Signing,
  context: RuleContext,
): Finding[] {
  return missingParts(signing, written).flatMap((name) => {
    if ("value" in usualPart(signing, name, context)) return [];
    const usual = variablesOf(signing, name);
    return [
      {
        path: [...path, "credentials", name],
        message: `is missing, and ${usual} is unset or empty`,
        mend: `Write it, or set ${usual} before starting: ${lowered(signing.fields[name]?.description ?? "")}.`,
      },
    ];
  });
}

function lowered(sentence: string): string {
  const first = sentence.slice(0, 2);
  return first === first.toUpperCase() ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
