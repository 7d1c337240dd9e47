import type { Scalar } from "yaml";
import { z } from "zod";
import { type Expansion, expandReferences, isBareReference } from "./expand-references.ts";
import { type MaybeSchema, traitsOf, unwrapSchema } from "./field.ts";
import type { Origin } from "./origin.ts";
import type { ValueSources } from "./value-sources.ts";

/** One scalar, read. */
export interface ScalarReading {
  readonly value: unknown;
  readonly finding?: { readonly message: string; readonly mend: string };
  readonly origin?: Origin;
  /** True where the text itself must not be shown. */
  readonly hide: boolean;
}

interface ScalarPlace {
  readonly schema: MaybeSchema;
  readonly secret: boolean;
}

const FILE = "file:";

/** The value of a scalar, its references replaced. One with a fault has the value undefined. */
export function readScalar(scalar: Scalar, place: ScalarPlace, sources: ValueSources): ScalarReading {
  const written = scalar.value;
  if (typeof written !== "string") return { value: written, hide: place.secret };
  const fromFile = written.startsWith(FILE) && takesFile(place);
  const hide = place.secret && !fromFile && !isBareReference(written);
  const expansion = expandReferences(written, sources.environment);
  const finding = expansionFault(expansion);
  if (finding !== undefined) return { value: undefined, finding, hide };
  if (fromFile) return { ...readReferredFile(expansion.text.slice(FILE.length), sources), hide };
  if (expansion.variables.length === 0) return { value: expansion.text, hide };
  const value = asSchemaWants(expansion.text, place.schema);
  return { value, origin: { from: "environment", variables: expansion.variables }, hide };
}

function takesFile(place: ScalarPlace): boolean {
  const traits = traitsOf(place.schema);
  return traits.secret === true || traits.file === true;
}

function expansionFault(expansion: Expansion): ScalarReading["finding"] {
  if (expansion.malformed) {
    return {
      message: "has a `${` that doesn't begin a reference",
      mend: `Write "\${NAME}" or "\${NAME:-default}"; "$\${" stands for a plain "\${".`,
    };
  }
  const [name] = expansion.unset;
  if (name === undefined) return undefined;
  return {
    message: `refers to the environment variable ${name}, which is unset or empty`,
    mend: `Set ${name} before starting, or give a default: \`\${${name}:-...}\`.`,
  };
}

function readReferredFile(path: string, sources: ValueSources): Omit<ScalarReading, "hide"> {
  try {
    return { value: sources.readFile(path).trim(), origin: { from: "file", path } };
  } catch (error) {
    return {
      value: undefined,
      finding: {
        message: `refers to a file that can't be read (${reasonOf(error)})`,
        mend: "Make it readable for this process; its path is relative to the configuration's folder.",
      },
    };
  }
}

/** The system's short word, `ENOENT`; its sentence would repeat the path, which may come from the environment. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "not a text file of at most 1 MiB";
}

/** A variable is always text; where a number or a switch belongs, `port: ${PORT}` means what it says. */
function asSchemaWants(text: string, schema: MaybeSchema): unknown {
  const inner = unwrapSchema(schema);
  if (inner instanceof z.ZodNumber && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (inner instanceof z.ZodBoolean && (text === "true" || text === "false")) return text === "true";
  return text;
}
