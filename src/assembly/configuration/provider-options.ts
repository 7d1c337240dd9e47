import type { Environment } from "../../config/expand-references.ts";
import { nameMatcher } from "../../model/name-pattern.ts";
import type { Endpoint, Provider, ProviderOption } from "../../model/provider.ts";

/** A part of a name or a path, and nothing more: no dot, slash, colon or `@` by which it could become another address. */
export const OPTION_VALUE = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
const PLACEHOLDER = /\{([a-z_]+)\}/g;
/** The model's name is put in at each call. */
const MODEL = "model";

/** True for a text that may be an option's value. */
export function isOptionValue(value: string): boolean {
  return OPTION_VALUE.test(value);
}

/** What the placeholders of a provider's address stand for, by their names. */
export type OptionValues = { readonly [name: string]: string };

/** The values of a provider's options: as written, else by the usual variables, else what is usual. */
export function optionValues(
  { options = {} }: Pick<Provider, "options">,
  written: OptionValues,
  environment: Environment,
): OptionValues {
  const values = new Map<string, string>();
  for (const [name, option] of Object.entries(options)) {
    const value = written[name] ?? usualValue(option, environment);
    if (value === undefined || !isOptionValue(value)) continue;
    values.set(name, value);
    for (const [placeholder, texts] of Object.entries(option.gives ?? {})) {
      const text = texts.find(([pattern]) => nameMatcher([pattern])(value))?.[1];
      if (text !== undefined) values.set(placeholder, text.replaceAll("{value}", value));
    }
  }
  return Object.fromEntries(values);
}

/** A variable that holds no option's value counts as unset: it was set for something else. */
function usualValue({ variables, usual }: ProviderOption, environment: Environment): string | undefined {
  const held = variables.map((name) => environment[name]?.trim());
  return held.find((value) => value !== undefined && isOptionValue(value)) ?? usual;
}

/** The text with its placeholders replaced; one without a value stays. */
export function withOptions(text: string, values: OptionValues): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

/** The endpoint with the placeholders of its paths replaced. */
export function endpointWithOptions(endpoint: Endpoint, values: OptionValues): Endpoint {
  const { paths, modelList } = endpoint;
  return {
    ...endpoint,
    ...(paths !== undefined && { paths: pathsWithOptions(paths, values) }),
    ...(typeof modelList === "string" && { modelList: withOptions(modelList, values) }),
  };
}

function pathsWithOptions(
  paths: NonNullable<Endpoint["paths"]>,
  values: OptionValues,
): NonNullable<Endpoint["paths"]> {
  const written = Object.entries(paths).map(([operation, own]) => {
    if (own === false || own === undefined) return [operation, own] as const;
    const texts = Object.entries(own).map(([kind, text]) => [kind, withOptions(text, values)] as const);
    return [operation, Object.fromEntries(texts)] as const;
  });
  return Object.fromEntries(written);
}

/** The options that an address needs and that have no value, by their names; the model's placeholder is none. */
export function missingOptions(
  { options = {}, endpoints }: Pick<Provider, "options" | "endpoints">,
  baseUrl: string,
  values: OptionValues,
  alsoNeeded: readonly string[],
): readonly string[] {
  const paths = endpoints.flatMap((endpoint) => Object.values(endpoint.paths ?? {}));
  const texts = paths.flatMap((path) => (path === false ? [] : [path.whole, path.stream ?? ""]));
  const needed = new Set([baseUrl, ...texts].flatMap(placeholdersIn));
  const lacking = Object.entries(options).filter(([name, { gives = {} }]) => {
    if (Object.hasOwn(values, name)) return false;
    return (
      [name, ...Object.keys(gives)].some((placeholder) => needed.has(placeholder)) ||
      alsoNeeded.includes(name)
    );
  });
  return lacking.map(([name]) => name);
}

/** The placeholders of an address that no option fills. */
export function unknownPlaceholders(
  { options = {} }: Pick<Provider, "options">,
  baseUrl: string,
): readonly string[] {
  const known = Object.entries(options).flatMap(([name, { gives = {} }]) => [name, ...Object.keys(gives)]);
  return placeholdersIn(baseUrl).filter((name) => !known.includes(name));
}

function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, name = ""]) => (name === MODEL ? [] : [name]));
}
