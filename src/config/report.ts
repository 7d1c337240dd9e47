import type { z } from "zod";
import { schemaAt, traitsOf } from "./field.ts";
import { locate } from "./locate.ts";
import { guardedLine, maskedLine, withoutUserInformation } from "./masking.ts";
import { originOf } from "./origin.ts";
import { type ParsedYaml, type PlacedFault, parseYaml } from "./parse-yaml.ts";
import { type Finding, formatPath, type Path, type Problem, pathKey } from "./problem.ts";
import type { Reading } from "./read-values.ts";
import { valueAt } from "./value-at.ts";

/** A configuration on its way to being judged: what is needed to say where something is wrong. */
export interface Draft {
  readonly file: string;
  readonly text: string;
  readonly yaml: ParsedYaml;
  readonly reading: Reading;
  readonly schema: z.ZodType;
}

/** More than these nobody reads at once; the next check tells the rest. */
const MOST_PROBLEMS = 100;

/** Broken YAML as problems, one for each line: the first is the cause of the others. */
export function faultProblems(file: string, text: string, yaml: ParsedYaml): Problem[] {
  const seen = new Set<number>();
  return yaml.faults.flatMap((fault) => {
    const { line } = place(yaml, fault.offset);
    if (seen.has(line) || seen.size >= MOST_PROBLEMS) return [];
    seen.add(line);
    return [faultProblem(file, text, yaml, fault)];
  });
}

function faultProblem(file: string, text: string, yaml: ParsedYaml, fault: PlacedFault): Problem {
  const { line, column } = place(yaml, fault.offset);
  const source = guardedLine(text, yaml, line);
  return { file, line, column, path: "", message: fault.message, mend: fault.mend, source };
}

/** Findings as problems, one for each place: of several about one value, the first is the cause of the others. */
export function findingProblems(draft: Draft, findings: readonly Finding[]): Problem[] {
  const seen = new Set<string>();
  return findings.flatMap((finding) => {
    const key = pathKey(finding.path);
    if (seen.has(key) || seen.size >= MOST_PROBLEMS) return [];
    seen.add(key);
    return [findingProblem(draft, finding)];
  });
}

/** Findings about a text that can be read, as problems with their places; no value is shown. */
export function placedProblems(file: string, text: string, findings: readonly Finding[]): Problem[] {
  const yaml = parseYaml(text);
  return findings.map(({ path, at = "value", message, mend }) => {
    const { line, column } = place(yaml, locate(yaml.document, path, at));
    return { file, line, column, path: formatPath(path), message, mend };
  });
}

function findingProblem(draft: Draft, finding: Finding): Problem {
  const offset = locate(draft.yaml.document, finding.path, finding.at ?? "value");
  const { line, column } = place(draft.yaml, offset);
  const shown = finding.at === "name" ? "" : shownValue(draft, finding.path);
  return {
    file: draft.file,
    line,
    column,
    path: formatPath(finding.path),
    message: finding.message + shown,
    mend: finding.mend,
    source: maskedLine(draft.text, draft.yaml, line, draft.reading.hidden),
  };
}

function place(yaml: ParsedYaml, offset: number): { line: number; column: number } {
  const { line, col } = yaml.lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

const LONGEST_SHOWN = 80;

/** ` (found "value")` where the value is written in the configuration and no secret; else nothing. */
function shownValue(draft: Draft, path: Path): string {
  if (originOf(draft.reading.origins, path) !== undefined || !isPublic(draft, path)) return "";
  const value = valueAt(draft.reading.value, path);
  if (typeof value === "number" || typeof value === "boolean") return ` (found ${value})`;
  if (typeof value !== "string" || value === "" || value.length > LONGEST_SHOWN) return "";
  return ` (found ${JSON.stringify(withoutUserInformation(value))})`;
}

function isPublic(draft: Draft, path: Path): boolean {
  return path.every((_, index) => {
    const schema = schemaAt(draft.schema, path.slice(0, index + 1));
    return schema !== undefined && traitsOf(schema).secret !== true;
  });
}
