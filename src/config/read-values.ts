import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { z } from "zod";
import { type MaybeSchema, schemaOfMember, traitsOf, unwrapSchema } from "./field.ts";
import type { Origin, Origins } from "./origin.ts";
import type { ParsedYaml } from "./parse-yaml.ts";
import { type Finding, type Path, pathKey } from "./problem.ts";
import { readScalar } from "./read-scalar.ts";
import type { ValueSources } from "./value-sources.ts";

/** The values of a configuration, references replaced. */
export interface Reading {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Where each value that isn't written in the configuration itself came from. */
  readonly origins: Origins;
  /** `[start, end)` of what must not be shown of the text. */
  readonly hidden: readonly (readonly [number, number])[];
}

const MOST_ALIASES = 100;
const MOST_NODES = 50_000;
const DEEPEST = 64;

/** Names that JavaScript gives a meaning of its own. */
const INERT = new Set(["__proto__", "constructor", "prototype"]);

/** Turns parsed YAML into plain values, guided by the schema where it says that a field is a secret or a number. */
export function readValues(yaml: ParsedYaml, schema: z.ZodType, sources: ValueSources): Reading {
  return new ValueReader(yaml, sources).read(schema);
}

/** Stops the reading: what follows could be endless. */
class TooMuch extends Error {
  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}

interface Place {
  readonly path: Path;
  readonly schema: MaybeSchema;
  readonly secret: boolean;
}

class ValueReader {
  readonly #yaml: ParsedYaml;
  readonly #sources: ValueSources;
  readonly #findings: Finding[] = [];
  readonly #origins = new Map<string, Origin>();
  readonly #hidden: (readonly [number, number])[] = [];
  #aliases = 0;
  #nodes = 0;

  constructor(yaml: ParsedYaml, sources: ValueSources) {
    this.#yaml = yaml;
    this.#sources = sources;
  }

  read(schema: z.ZodType): Reading {
    let value: unknown;
    try {
      value = this.#node(this.#yaml.document.contents, { path: [], schema, secret: false });
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      this.#findings.push(error.finding);
    }
    return { value, findings: this.#findings, origins: this.#origins, hidden: this.#hidden };
  }

  #node(node: unknown, place: Place): unknown {
    this.#count(place.path);
    if (isAlias(node)) return this.#node(this.#aliased(node.resolve(this.#yaml.document), place.path), place);
    if (isMap(node)) return this.#map(node, place);
    if (isSeq(node)) return this.#list(node, place);
    if (isScalar(node) && node.value !== null) return this.#scalar(node, place);
    return takesMapping(place.schema) ? {} : null;
  }

  #count(path: Path): void {
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES || path.length > DEEPEST) {
      throw new TooMuch({
        path: path.slice(0, 1),
        message: "holds too much",
        mend: "Write fewer values, less deeply nested.",
      });
    }
  }

  #aliased(node: Node | undefined, path: Path): Node | undefined {
    this.#aliases += 1;
    if (this.#aliases > MOST_ALIASES) {
      const mend = `Use at most ${MOST_ALIASES} aliases (\`*name\`), none within what it names.`;
      throw new TooMuch({ path, message: "uses too many aliases", mend });
    }
    if (node === undefined) {
      const mend = "Define it by `&name` above, or put the value in quotes.";
      this.#findings.push({ path, message: "refers to an anchor that isn't defined above it", mend });
    }
    return node;
  }

  #map(map: YAMLMap, place: Place): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : "";
      const path = [...place.path, name];
      const fault = nameFault(name, members);
      if (fault !== undefined) {
        this.#findings.push({ path, at: "name", ...fault });
        this.#hide(value);
      } else {
        members[name] = this.#node(value, memberPlace(place, name));
      }
    }
    return members;
  }

  #list(list: YAMLSeq, place: Place): unknown[] {
    return list.items.map((item, index) => this.#node(item, memberPlace(place, index)));
  }

  #scalar(scalar: Scalar, place: Place): unknown {
    const read = readScalar(scalar, place, this.#sources);
    if (read.finding !== undefined) this.#findings.push({ path: place.path, ...read.finding });
    if (read.origin !== undefined) this.#origins.set(pathKey(place.path), read.origin);
    if (read.hide) this.#hide(scalar);
    return read.value;
  }

  #hide(node: unknown): void {
    if (typeof node !== "object" || node === null || !("range" in node)) return;
    const range = node.range;
    if (Array.isArray(range)) this.#hidden.push([Number(range[0]), Number(range[1])]);
  }
}

function nameFault(name: string, members: object): { message: string; mend: string } | undefined {
  if (INERT.has(name)) return { message: "is not a name that can be used", mend: "Remove it." };
  if (Object.hasOwn(members, name)) return { message: "is written twice", mend: "Keep one of the two." };
  return undefined;
}

function memberPlace(place: Place, step: string | number): Place {
  const schema = schemaOfMember(place.schema, step);
  const secret = place.secret || schema === undefined || traitsOf(schema).secret === true;
  return { path: [...place.path, step], schema, secret };
}

/** `openai:` with nothing after it means `openai: {}`. */
function takesMapping(schema: MaybeSchema): boolean {
  const inner = unwrapSchema(schema);
  return inner instanceof z.ZodObject || inner instanceof z.ZodRecord;
}
