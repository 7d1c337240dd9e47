import { resolve } from "node:path";
import type { z } from "zod";
import type { Environment } from "./expand-references.ts";
import type { Origins } from "./origin.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type Finding, type Problem, sortProblems } from "./problem.ts";
import { readValues } from "./read-values.ts";
import { faultProblems, findingProblems } from "./report.ts";
import { schemaFindings } from "./schema-findings.ts";

/** What a configuration is loaded from. */
export interface LoadRequest<S extends z.ZodType> {
  readonly schema: S;
  readonly text: string;
  /** What the text is called in messages: its file. */
  readonly file: string;
  /** The absolute path of its folder, which `file:` references are relative to. */
  readonly folder: string;
  readonly environment: Environment;
  /** Reads a file by its absolute path. Throws where it can't. */
  readonly readFile: (path: string) => string;
  /**
   * Rules across fields. They are given the values as written, before the schema has judged them, so that they can
   * speak up in the same breath: they must bear any shape.
   */
  readonly rules?: (draft: unknown) => readonly Finding[];
}

/** A configuration, or everything that is wrong with it. */
export type LoadResult<S extends z.ZodType> =
  | { readonly configuration: z.output<S>; readonly origins: Origins }
  | { readonly problems: readonly Problem[] };

/** Reads, completes and judges a configuration. Never throws for what is written in it. */
export function loadConfiguration<S extends z.ZodType>(request: LoadRequest<S>): LoadResult<S> {
  const { file, schema } = request;
  const text = request.text.replace(/^\uFEFF/, "");
  const yaml = parseYaml(text);
  if (yaml.faults.length > 0) return { problems: sortProblems(faultProblems(file, text, yaml)) };
  const reading = readValues(yaml, schema, {
    environment: request.environment,
    readFile: (path) => request.readFile(resolve(request.folder, path)),
  });
  const draft = { file, text, yaml, reading, schema };
  // Nothing to judge where the reading was broken off.
  if (reading.value === undefined) return { problems: findingProblems(draft, reading.findings) };
  const parsed = schema.safeParse(reading.value);
  const found = [
    ...reading.findings,
    ...(parsed.success ? [] : schemaFindings(parsed.error.issues, schema, reading.value)),
    ...(request.rules?.(reading.value) ?? []),
  ];
  if (parsed.success && found.length === 0) return { configuration: parsed.data, origins: reading.origins };
  return { problems: sortProblems(findingProblems(draft, found)) };
}
