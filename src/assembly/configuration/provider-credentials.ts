import type { Environment } from "../../config/expand-references.ts";
import { type Origins, originOf } from "../../config/origin.ts";
import { type CredentialWay, type Signing, signingOf } from "../../egress/signing/index.ts";
import type { Provider } from "../../model/provider.ts";
import type { ProviderSecrets } from "./provider-secrets.ts";

/** Where a provider's key or credentials come from; never what they are. */
export type KeySource =
  | { readonly from: "environment"; readonly variables: readonly string[] }
  | { readonly from: "file"; readonly path: string }
  | { readonly from: "configuration" }
  | { readonly from: "store" }
  | { readonly from: "nowhere" };

/** What credentials are looked for in. */
export interface CredentialSources {
  readonly environment: Environment;
  /** Reads a file that a variable names. Throws where it can't. */
  readonly readFile: (path: string) => string;
  /** What was entered for providers and is not written. */
  readonly secrets: ProviderSecrets;
}

/** The parts of a credential, by name, and where they come from. */
export interface FoundCredentials {
  readonly values: { readonly [name: string]: string };
  readonly source: KeySource;
}

/** The parts of a provider's credential that the environment holds; undefined where one that it needs is not there. */
export function usualCredentials(
  provider: Provider,
  sources: CredentialSources,
): FoundCredentials | undefined {
  const signing = signingOf(provider.authentication);
  if (signing === undefined) return undefined;
  const parts = Object.keys(signing.fields).map((name) => [name, usualPart(signing, name, sources)] as const);
  const found = parts.flatMap(([name, part]) => ("value" in part ? [[name, part] as const] : []));
  const present = new Set(found.map(([name]) => name));
  const way = signing.ways.find(({ needs }) => needs.every((name) => present.has(name)));
  if (way === undefined) return undefined;
  const used = found.filter(([name]) => namesOf(way).includes(name));
  const values = Object.fromEntries(used.map(([name, { value }]) => [name, value]));
  const variables = used.map(([, { variable }]) => variable);
  return { values, source: { from: "environment", variables } };
}

function namesOf({ needs, takes = [] }: CredentialWay): readonly string[] {
  return [...needs, ...takes];
}

const NO_WAY: CredentialWay = { needs: [] };

/** The way that is meant by what is written: the first that has most of it. */
function writtenWay({ ways }: Signing, written: { readonly [name: string]: unknown }): CredentialWay {
  const names = Object.keys(written);
  const shared = (way: CredentialWay) => namesOf(way).filter((name) => names.includes(name)).length;
  return ways.reduce((best, way) => (shared(way) > shared(best) ? way : best), ways[0] ?? NO_WAY);
}

/** The parts as written, with what is left out taken from the environment. */
export function writtenCredentials(
  id: string,
  written: { readonly [name: string]: string },
  signing: Signing,
  sources: CredentialSources & { readonly origins: Origins },
): FoundCredentials {
  const usual = namesOf(writtenWay(signing, written)).flatMap((name) => {
    const part = usualPart(signing, name, sources);
    return "value" in part && !Object.hasOwn(written, name) ? [[name, part.value] as const] : [];
  });
  const origins = Object.keys(written).map((name) =>
    originOf(sources.origins, ["providers", id, "credentials", name]),
  );
  return { values: { ...Object.fromEntries(usual), ...written }, source: sourceOf(origins) };
}

function sourceOf(origins: readonly (ReturnType<typeof originOf> | undefined)[]): KeySource {
  const known = origins.filter((origin) => origin !== undefined);
  if (known.length < origins.length) return { from: "configuration" };
  const variables = known.flatMap((origin) => (origin.from === "environment" ? origin.variables : []));
  const [first] = known;
  return variables.length === 0 && first !== undefined ? first : { from: "environment", variables };
}

/** The parts without which there is no proof, and that are not written. */
export function missingParts(
  signing: Signing,
  written: { readonly [name: string]: unknown },
): readonly string[] {
  return writtenWay(signing, written).needs.filter((name) => written[name] === undefined);
}

/** A part as the environment has it, or that a variable names a file which can't be read. */
export type UsualPart =
  | { readonly variable: string; readonly value: string }
  | { readonly variable: string; readonly unreadable: string }
  | { readonly absent: true };

/** Where the environment has a part of a credential. */
export function usualPart(
  signing: Signing,
  name: string,
  { environment, readFile }: CredentialSources,
): UsualPart {
  const { variables = [], fileVariables = [] } = signing.fields[name] ?? {};
  for (const variable of variables) {
    const value = environment[variable]?.trim();
    if (value) return { variable, value };
  }
  for (const variable of fileVariables) {
    const path = environment[variable]?.trim();
    if (!path) continue;
    try {
      return { variable, value: readFile(path).trim() };
    } catch (error) {
      return {
        variable,
        unreadable: error instanceof Error && "code" in error ? String(error.code) : "no text",
      };
    }
  }
  return { absent: true };
}

/** The variables that usually hold a part, for a mend. */
export function variablesOf(signing: Signing, name: string): string {
  const { variables = [], fileVariables = [] } = signing.fields[name] ?? {};
  return [...variables, ...fileVariables].join(" or ");
}
